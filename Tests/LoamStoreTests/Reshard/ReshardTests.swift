import LoamSchema
import Testing

@testable import LoamStore

@Suite struct ReshardTests {
  @Test(arguments: [3, 16, 1])
  func aStoreWrittenWithFourShardsHasTheSameRootsInAnyNumber(shards: Int) throws {
    let changing = try ChangingStore(shards: 4, seed: 41)
    for count in [300, 40_000, 50] { _ = try changing.change(count, removing: 60) }
    let place = ScratchPath()
    let copied = try Reshard.copy(
      changing.store, to: place.path, options: StoreOptions(shards: shards, shardMapBytes: 1 << 30))
    let target = try Store.open(at: place.path, for: .write)
    defer { target.close() }
    let (old, new) = (try changing.store.snapshot(), try target.snapshot())
    #expect(target.shardCount == shards)
    #expect(new.record.root == old.record.root)
    #expect(new.record.tables.mapValues(\.root) == old.record.tables.mapValues(\.root))
    #expect(new.record.tables.mapValues(\.rows) == old.record.tables.mapValues(\.rows))
    #expect(new.record.metrics == old.record.metrics)
    #expect(copied == [.init(from: old.record.version, to: new.record.version, root: old.record.root, tags: [])])
    try requireSound(new)
    #expect(try target.checkProtocol() == [])
  }

  @Test func taggedVersionsComeAlong() throws {
    let changing = try ChangingStore(shards: 4, seed: 42)
    let first = try changing.change(100, tag: "first")
    let second = try changing.change(100, removing: 30, tag: "second")
    _ = try changing.change(100)
    let place = ScratchPath()
    let copied = try Reshard.copy(
      changing.store, withTags: true, to: place.path, options: StoreOptions(shards: 2, shardMapBytes: 1 << 30))
    let target = try Store.open(at: place.path, for: .read)
    defer { target.close() }
    #expect(copied.map(\.tags) == [["first"], ["second"], []])
    for (name, version) in [("first", first), ("second", second)] {
      let (old, new) = (try changing.store.snapshot(at: .number(version)), try target.snapshot(at: .name(name)))
      #expect(new.record.root == old.record.root)
      try requireSound(new)
    }
    #expect(try target.snapshot().record.root == changing.store.snapshot().record.root)
  }

  @Test func aDeltaAppliesToAReshardedStore() throws {
    let changing = try ChangingStore(shards: 4, seed: 43)
    let first = try changing.change(200)
    let place = ScratchPath()
    _ = try Reshard.copy(changing.store, to: place.path, options: StoreOptions(shards: 3, shardMapBytes: 1 << 30))
    let second = try changing.change(200, removing: 100)
    let directory = ScratchPath()
    _ = try Delta.export(
      from: try changing.store.snapshot(at: .number(first)), to: try changing.store.snapshot(at: .number(second)),
      into: directory.path)
    let target = try Store.open(at: place.path, for: .write)
    defer { target.close() }
    let record = try Delta.apply(directory.path, to: target)
    #expect(try record.root == changing.store.snapshot().record.root)
  }
}
