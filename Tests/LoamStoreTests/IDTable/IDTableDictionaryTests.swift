import LoamKernels
import LoamSchema
import LoamStore
import Testing

@Suite struct IDTableDictionaryTests {
  private static func id(_ text: String) -> ID {
    var text = text
    return text.withUTF8 { loam_hash_bytes($0.baseAddress, $0.count) }
  }

  @Test func stringsReadBackAndCountInTheRoot() throws {
    var roots: Set<UInt128> = []
    for shards in [1, 3] {
      let scratch = try StructureStore(shards: shards)
      let spec = TableSpec(TableName(.ids, "word"), columns: [ColumnSpec("count", .u64)])
      let write = try scratch.store.begin([spec])
      let table = try IDTableWriter(write, spec)
      let words = (0..<3_000).map { "wörd \($0)" } + [""]
      for (position, word) in words.enumerated() {
        _ = try table.findOrInsert(Self.id(word), string: word)
        _ = try table.findOrInsert(Self.id(words[position / 2]), string: words[position / 2])
        if position % 700 == 699 {
          try table.flush()
          try write.publish(PublishOptions(goOn: true))
          try table.rebase()
        }
      }
      try table.flush()
      try write.publish()
      let reader = try #require(try IDTableReader(scratch.store.snapshot(), spec.name))
      for word in words { #expect(try reader.string(of: reader.find(Self.id(word))) == word) }
      try reader.check()
      #expect(try reader.computeRoot().value == scratch.root(spec.name))
      roots.insert(try scratch.root(spec.name))
    }
    #expect(roots.count == 1)
  }

  @Test func twoStringsOfOneIDAreRefusedByName() throws {
    let scratch = try StructureStore(shards: 1)
    let spec = TableSpec(TableName(.ids, "word"))
    let write = try scratch.store.begin([spec])
    let table = try IDTableWriter(write, spec)
    _ = try table.findOrInsert(1, string: "left")
    let error = #expect(throws: StoreError.self) { try table.findOrInsert(1, string: "right") }
    #expect(error?.reason == .hashCollision)
    #expect(error?.message.contains("left") == true && error?.message.contains("right") == true)
  }

  @Test func rowsOlderThanTheFirstStringHaveNone() throws {
    let scratch = try StructureStore(shards: 1)
    let spec = TableSpec(TableName(.ids, "word"))
    let write = try scratch.store.begin([spec])
    let table = try IDTableWriter(write, spec)
    for id in UInt64(0)..<300 { _ = try table.findOrInsert(id) }
    try table.flush()
    try write.publish(PublishOptions(goOn: true))
    try table.rebase()
    for id in UInt64(300)..<400 { _ = try table.findOrInsert(id) }
    _ = try table.findOrInsert(Self.id("x"), string: "x")
    try table.flush()
    try write.publish()
    let reader = try #require(try IDTableReader(scratch.store.snapshot(), spec.name))
    #expect(try reader.string(of: reader.find(299)) == nil)
    #expect(try reader.string(of: reader.find(399)) == nil)
    #expect(try reader.string(of: reader.find(Self.id("x"))) == "x")
    #expect(try reader.computeRoot().value == scratch.root(spec.name))
    try reader.check()
  }
}
