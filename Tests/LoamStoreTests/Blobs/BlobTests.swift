import LoamSchema
import Testing

@testable import LoamStore

@Suite struct BlobTests {
  static let spec = TableSpec(TableName(.model, "ctr"))

  @Test(arguments: [1, 4, 7])
  func blobsReadBackThroughRandomChanges(shards: Int) throws {
    let seed: UInt64 = 11
    var random = SeededGenerator(seed)
    let scratch = try StructureStore(shards: shards)
    let write = try scratch.store.begin([Self.spec])
    let blobs = try BlobWriter(write, Self.spec)
    var model: [String: [UInt8]] = [:]
    for round in 0..<12 {
      for _ in 0..<3 {
        let name = "blob/\(random.next() % 6)"
        if random.next() % 4 == 0 {
          blobs.remove(name)
          model[name] = nil
        } else {
          let size = [0, 1, 1_000, 1 << 20, (5 << 19) + 3].randomElement(using: &random)!
          let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 / 7 &* round) }
          blobs.set(name, bytes)
          model[name] = bytes
        }
      }
      try blobs.flush()
      blobs.set("blob/1", [1])
      model["blob/1"] = [1]
      blobs.remove("blob/2")
      model["blob/2"] = nil
      blobs.set("a/\(round)", [2])
      model["a/\(round)"] = [2]
      try blobs.flush()
      try write.publish(PublishOptions(goOn: true))
      let reader = try #require(try BlobReader(write.base, Self.spec.name))
      #expect(reader.names() == model.keys.sorted(), "seed \(seed) round \(round)")
      for (name, bytes) in model { #expect(try reader.blob(named: name) == bytes, "seed \(seed) round \(round)") }
      #expect(try reader.blob(named: "none") == nil)
      try reader.check()
      #expect(try reader.computeRoot().value == scratch.root(Self.spec.name), "seed \(seed) round \(round)")
    }
  }

  @Test func theRootDependsOnNamesAndBytesAlone() throws {
    var roots: Set<UInt128> = []
    for (shards, names) in [(1, ["a", "b", "c"]), (4, ["c", "b", "a"])] {
      let scratch = try StructureStore(shards: shards)
      for name in names {
        let write = try scratch.store.begin([Self.spec])
        let blobs = try BlobWriter(write, Self.spec)
        blobs.set(name, [UInt8](name.utf8))
        try blobs.flush()
        try write.publish()
      }
      roots.insert(try scratch.root(Self.spec.name))
    }
    #expect(roots.count == 1)
  }

  @Test func aBlobSetToTheBytesItHasIsNotPutAgain() throws {
    let scratch = try StructureStore(shards: 1)
    let write = try scratch.store.begin([Self.spec])
    let blobs = try BlobWriter(write, Self.spec)
    blobs.set("a", [1, 2, 3])
    try blobs.flush()
    try write.publish(PublishOptions(goOn: true))
    let stamps = try write.base.blocks(table: blobs.spec.number, column: 1, shard: 0).map(\.stamp)
    blobs.set("a", [1, 2, 3])
    try blobs.flush()
    try write.publish(PublishOptions(goOn: true))
    #expect(try write.base.blocks(table: blobs.spec.number, column: 1, shard: 0).map(\.stamp) == stamps)
  }
}
