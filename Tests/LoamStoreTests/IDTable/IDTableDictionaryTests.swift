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

  /// IDs come back within a call and across groups of one; slots of removed IDs are taken again.
  @Test(arguments: [1, 3]) func stringsOfABatchAreThoseOfSingleRows(shards: Int) throws {
    let (batched, single) = (try StructureStore(shards: shards), try StructureStore(shards: shards))
    let spec = TableSpec(TableName(.ids, "word"), columns: [ColumnSpec("count", .u64)])
    let writes = (try batched.store.begin([spec]), try single.store.begin([spec]))
    let (one, other) = (try IDTableWriter(writes.0, spec), try IDTableWriter(writes.1, spec))
    var random = SeededGenerator(UInt64(shards))
    for round in 0..<4 {
      let words = (0..<2_500).map { _ in "word \(random.next() % UInt64(1_500 * (round + 1)))" }
      let rows = try Self.findOrInsert(one, words)
      #expect(try rows == words.map { try other.findOrInsert(Self.id($0), string: $0) }, "round \(round)")
      if round == 1 {
        for table in [one, other] { for word in words.prefix(90) { try table.remove(Self.id(word)) } }
      }
      for (table, write) in [(one, writes.0), (other, writes.1)] {
        try table.flush()
        try write.publish(PublishOptions(goOn: true))
        try table.rebase()
      }
      #expect(try batched.root(spec.name) == single.root(spec.name), "round \(round)")
    }
    let reader = try #require(try IDTableReader(batched.store.snapshot(), spec.name))
    try reader.check()
    #expect(try reader.computeRoot().value == batched.root(spec.name))
  }

  @Test func twoStringsOfOneIDInABatchAreRefused() throws {
    let scratch = try StructureStore(shards: 1)
    let spec = TableSpec(TableName(.ids, "word"))
    let table = try IDTableWriter(try scratch.store.begin([spec]), spec)
    let error = #expect(throws: StoreError.self) {
      try Self.findOrInsert(table, ["left", "other", "right"]) { $0 == "other" ? 2 : 1 }
    }
    #expect(error?.reason == .hashCollision)
    #expect(error?.message.contains("left") == true && error?.message.contains("right") == true)
  }

  @discardableResult
  private static func findOrInsert(
    _ table: IDTableWriter, _ words: [String], id: (String) -> ID = id
  ) throws -> [RowReference] {
    let bytes = words.map { Array($0.utf8) }
    let joined = Array(bytes.joined()) + [0]
    var rows = [RowReference](repeating: .none, count: words.count)
    try joined.withUnsafeBytes { joined in
      var start = 0
      let strings = bytes.map { text in
        defer { start += text.count }
        return UnsafeRawBufferPointer(rebasing: joined[start..<start + text.count])
      }
      try words.map(id).withUnsafeBufferPointer { ids in
        try strings.withUnsafeBufferPointer { strings in
          try rows.withUnsafeMutableBufferPointer { try table.findOrInsert(ids, utf8: strings, into: $0) }
        }
      }
    }
    return rows
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
