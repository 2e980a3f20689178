import Foundation
import LoamSchema
import Testing
import Zstd

@testable import LoamStore

@Suite struct DeltaTests {
  @Test(arguments: [(1, 4), (4, 3), (3, 16), (4, 4)])
  func aChainOfDeltasLeadsToTheSameRoots(shards: Int, receiverShards: Int) throws {
    let seed: UInt64 = 31
    let changing = try ChangingStore(shards: shards, seed: seed)
    let receiver = try StructureStore(shards: receiverShards)
    var (base, previous): (UInt64, ScratchPath?) = (1, nil)
    var kept: [ScratchPath] = []
    for (count, removing) in [(500, 0), (20, 150), (40_000, 0), (1, 700), (300, 40)] {
      let version = try changing.change(count, removing: removing)
      let directory = ScratchPath()
      let (a, b) = (try changing.store.snapshot(at: .number(base)), try changing.store.snapshot(at: .number(version)))
      let manifest = try Delta.export(from: a, to: b, previous: previous?.path, into: directory.path)
      if removing > count {
        let items = try #require(manifest.tables.first { $0.spec.name == ChangingStore.items.name })
        #expect(items.removed > 0, "seed \(seed)")
      }
      let record = try Delta.apply(directory.path, to: receiver.store)
      #expect(record.root == b.record.root, "seed \(seed)")
      #expect(record.tables.mapValues(\.root) == b.record.tables.mapValues(\.root))
      #expect(record.tables.mapValues(\.rows) == b.record.tables.mapValues(\.rows))
      #expect(record.metrics == b.record.metrics)
      try requireSound(try receiver.store.snapshot())
      kept.append(directory)
      (base, previous) = (version, directory)
    }
    let log = try #require(try FeatureLogReader(try receiver.store.snapshot(), ChangingStore.log.name))
    let original = try #require(try FeatureLogReader(try changing.store.snapshot(), ChangingStore.log.name))
    #expect(log.sources == original.sources)
    #expect(log.statistics("dense/age") == original.statistics("dense/age"))
    let users = try #require(try IDTableReader(try receiver.store.snapshot(), ChangingStore.users.name))
    try users.forEachRow { row, id in
      let string = try users.string(of: row)
      #expect(string.map { RowHash.salt($0) } == id)
    }
  }

  @Test func aDeltaIsVerifiedWithoutAStore() throws {
    let (_, deltas) = try Self.chain([100])
    #expect(Delta.isDelta(at: deltas[0].path))
    let manifest = try Delta.verify(deltas[0].path)
    let file = "\(deltas[0].path)/\(manifest.tables[0].file)"
    var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: URL(fileURLWithPath: file))
    let error = #expect(throws: StoreError.self) { try Delta.verify(deltas[0].path) }
    #expect(error?.reason == .badChecksum && error?.message.contains(file) == true)
    #expect(!Delta.isDelta(at: NSTemporaryDirectory()))
  }

  @Test func aReceiverThatIsElsewhereIsRefused() throws {
    let (changing, deltas) = try Self.chain([100, 50, 50])
    let receiver = try StructureStore(shards: 2)
    #expect(reason { try Delta.apply(deltas[1].path, to: receiver.store) } == .mismatch)
    try Delta.apply(deltas[0].path, to: receiver.store)
    let gap = #expect(throws: StoreError.self) { try Delta.apply(deltas[2].path, to: receiver.store) }
    #expect(gap?.message.contains("a delta between them is missing") == true)
    let again = #expect(throws: StoreError.self) { try Delta.apply(deltas[0].path, to: receiver.store) }
    #expect(again?.message.contains("nothing to apply") == true)
    try Delta.apply(deltas[1].path, to: receiver.store)
    try Delta.apply(deltas[2].path, to: receiver.store)
    #expect(try receiver.store.snapshot().record.root == changing.store.snapshot().record.root)
  }

  @Test func aReceiverThatWroteItselfIsRefused() throws {
    let (_, deltas) = try Self.chain([100, 50])
    let receiver = try StructureStore(shards: 2)
    _ = try Delta.apply(deltas[0].path, to: receiver.store)
    let write = try receiver.store.begin([ChangingStore.items])
    let items = try IDTableWriter(write, ChangingStore.items)
    _ = try items.findOrInsert(1 << 40)
    try items.flush()
    try write.publish()
    let error = #expect(throws: StoreError.self) { try Delta.apply(deltas[1].path, to: receiver.store) }
    #expect(error?.reason == .mismatch)
    #expect(error?.message.contains("embedding:ctr/item") == true)
  }

  @Test func aDeltaOfAnotherChainIsRefusedThoughTheRootsAreEqual() throws {
    let (changing, deltas) = try Self.chain([100, 50])
    let record = try #require(try changing.store.versions().last)
    let other = ScratchPath()
    let (a, b) = (
      try changing.store.snapshot(at: .number(1)), try changing.store.snapshot(at: .number(record.version - 1))
    )
    _ = try Delta.export(from: a, to: b, into: other.path)
    // The same changes, but not the delta that the second one names: its manifest is made to differ.
    let manifest = try Delta.manifest(of: other.path)
    var changed = manifest
    changed.schema = "another"
    try Self.write(changed, to: other.path)
    let receiver = try StructureStore(shards: 2)
    _ = try Delta.apply(other.path, to: receiver.store)
    let error = #expect(throws: StoreError.self) { try Delta.apply(deltas[1].path, to: receiver.store) }
    #expect(error?.message.contains("follows the one with SHA-256") == true)
  }

  @Test func everyFlippedByteAndEveryMissingFileIsRefused() throws {
    let (_, deltas) = try Self.chain([60])
    let receiver = try StructureStore(shards: 2)
    let directory = deltas[0].path
    var random = SeededGenerator(77)
    for file in try FileManager.default.contentsOfDirectory(atPath: directory).sorted() {
      let path = "\(directory)/\(file)"
      let bytes = [UInt8](try #require(FileManager.default.contents(atPath: path)))
      for _ in 0..<12 {
        var damaged = bytes
        let place = Int(random.next() % UInt64(bytes.count))
        damaged[place] ^= UInt8(1 << (random.next() % 8))
        try Data(damaged).write(to: URL(filePath: path))
        let error = #expect(throws: StoreError.self) { try Delta.apply(directory, to: receiver.store) }
        #expect(error?.category == .damaged, "\(file) byte \(place): \(error.map { "\($0)" } ?? "")")
      }
      try Data(bytes.dropLast()).write(to: URL(filePath: path))
      #expect(throws: StoreError.self) { try Delta.apply(directory, to: receiver.store) }
      try FileManager.default.removeItem(atPath: path)
      #expect(reason { try Delta.apply(directory, to: receiver.store) } == .missing)
      try Data(bytes).write(to: URL(filePath: path))
    }
    #expect(try receiver.store.versions().count == 1)
    try Delta.apply(directory, to: receiver.store)
  }

  /// Digests keep damage out; what was made wrong with right digests must be kept out by the bounds and the roots.
  @Test func changesThatAreNoChangesAreRefused() throws {
    let (_, deltas) = try Self.chain([40])
    let directory = deltas[0].path
    let manifest = try Delta.manifest(of: directory)
    var random = SeededGenerator(5)
    for (index, table) in manifest.tables.enumerated() {
      var changes: [[UInt8]] = []
      try DeltaFile.forEachChange("\(directory)/\(table.file)") { (change) throws(StoreError) in
        changes.append(change.encoded)
        #expect(try TableChange(change.encoded, place: "test").encoded == change.encoded)
      }
      for round in 0..<12 {
        var damaged = changes
        let piece = Int(random.next() % UInt64(damaged.count))
        let place = Int(random.next() % UInt64(damaged[piece].count))
        if round % 4 == 0 { damaged[piece].removeLast() } else { damaged[piece][place] ^= 1 << (random.next() % 8) }
        let path = "\(directory)/\(table.file)"
        try Self.write(damaged, to: path)
        var wrong = manifest
        let digest = try DeltaFile.digest(path)
        (wrong.tables[index].bytes, wrong.tables[index].sha256) = digest
        try Self.write(wrong, to: directory)
        let receiver = try StructureStore(shards: 2)
        // A log's sources are no part of its root.
        if table.spec.name.kind == .log, piece == damaged.count - 1 { continue }
        #expect(throws: StoreError.self, "\(table.spec.name) round \(round)") {
          try Delta.apply(directory, to: receiver.store)
        }
        #expect(try receiver.store.versions().count == 1)
        #expect(try receiver.store.checkProtocol() == [])
      }
      try Self.write(changes, to: "\(directory)/\(table.file)")
    }
  }

  @Test func tombstonesOfALogAreWrittenAndRefused() throws {
    let changing = try ChangingStore(shards: 2, seed: 4)
    let first = try changing.change(50)
    let second = try changing.change(50)
    let reverted = try changing.store.revert(to: .number(first)).version
    let directory = ScratchPath()
    let manifest = try Delta.export(
      from: try changing.store.snapshot(at: .number(second)), to: try changing.store.snapshot(at: .number(reverted)),
      into: directory.path)
    #expect(manifest.tables.contains { $0.removed > 0 })
    let receiver = try StructureStore(shards: 2)
    let whole = ScratchPath()
    _ = try Delta.export(
      from: try changing.store.snapshot(at: .number(1)), to: try changing.store.snapshot(at: .number(second)),
      into: whole.path)
    try Delta.apply(whole.path, to: receiver.store)
    #expect(reason { try Delta.apply(directory.path, to: receiver.store) } == .notAllowed)
  }

  @Test func aDeltaThatLeadsNowhereOrBackIsRefused() throws {
    let changing = try ChangingStore(shards: 2, seed: 4)
    let version = try changing.change(5)
    let snapshot = try changing.store.snapshot(at: .number(version))
    let first = try changing.store.snapshot(at: .number(1))
    let directory = ScratchPath()
    for (a, b) in [(snapshot, first), (snapshot, snapshot)] {
      #expect(reason { try Delta.export(from: a, to: b, into: directory.path) } == .notAllowed)
    }
    _ = try Delta.export(from: first, to: snapshot, into: directory.path)
    #expect(reason { try Delta.export(from: first, to: snapshot, into: directory.path) } == .exists)
    let other = ScratchPath()
    #expect(
      reason { try Delta.export(from: first, to: snapshot, previous: directory.path, into: other.path) } == .mismatch)
    #expect(!FileManager.default.fileExists(atPath: other.path))
  }

  /// A store, and a delta for each change.
  static func chain(_ counts: [Int]) throws -> (ChangingStore, [ScratchPath]) {
    let changing = try ChangingStore(shards: 3, seed: 17)
    var deltas: [ScratchPath] = []
    var base: UInt64 = 1
    for count in counts {
      let version = try changing.change(count)
      let directory = ScratchPath()
      _ = try Delta.export(
        from: try changing.store.snapshot(at: .number(base)), to: try changing.store.snapshot(at: .number(version)),
        previous: deltas.last?.path, into: directory.path)
      deltas.append(directory)
      base = version
    }
    return (changing, deltas)
  }

  private static func write(_ manifest: DeltaManifest, to directory: String) throws {
    let bytes = manifest.encoded
    try DurableFile.write(bytes, to: "\(directory)/\(DeltaManifest.fileName)")
    try DurableFile.write(
      Delta.sums(ContentDigest.text(of: bytes), manifest.tables), to: "\(directory)/\(DeltaManifest.sumsName)")
  }

  private static func write(_ changes: [[UInt8]], to path: String) throws {
    var writer = ByteWriter()
    writer.append(DeltaFile.magic)
    for change in changes {
      let stored = change.withUnsafeBytes { Zstd.compress($0) }
      writer.append(UInt64(change.count))
      writer.append(UInt64(stored.count))
      writer.append(array: stored)
    }
    try DurableFile.write(writer.bytes, to: path)
  }
}

/// Why `body` was refused; `nil` where it was not.
func reason(_ body: () throws -> some Any) -> StoreError.Reason? {
  do { _ = try body() } catch { return (error as? StoreError)?.reason }
  return nil
}
