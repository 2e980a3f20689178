import LoamSchema
import LoamStore
import Testing

@Suite struct RowKeyTests {
  private static let spec = TableSpec.keys(log: "train")

  private func key(_ text: String) -> RowKey { Array(text.utf8).withUnsafeBytes { RowKey(hashing: $0) } }

  @Test func aKeyIsNewOnceWhateverTheCallsAndVersions() throws {
    var roots: Set<UInt128> = []
    for (shards, batch) in [(1, 5_000), (3, 7), (2, 600)] {
      let scratch = try StructureStore(shards: shards)
      let write = try scratch.store.begin([Self.spec])
      let writer = try RowKeyWriter(write, log: "train")
      var random = SeededGenerator(9)
      let keys = (0..<5_000).map { _ in key("row \(random.next() % 3_000)") }
      var met: Set<UInt64> = []
      for start in stride(from: 0, to: keys.count, by: batch) {
        let some = Array(keys[start..<min(start + batch, keys.count)])
        #expect(try writer.insert(some) == some.map { met.insert($0.id).inserted })
        if start % 3 == 0 {
          try writer.table.flush()
          try write.publish(PublishOptions(goOn: true))
          try writer.table.rebase()
        }
      }
      try writer.table.flush()
      try write.publish()
      let reader = try #require(try IDTableReader(scratch.store.snapshot(), Self.spec.name))
      try reader.check()
      #expect(reader.rowCount == met.count)
      roots.insert(try scratch.root(Self.spec.name))
    }
    #expect(roots.count == 1)
  }

  /// Two keys of one row would take one row for the other.
  @Test func keysOfOneRowAreToldApart() throws {
    let scratch = try StructureStore(shards: 2)
    let write = try scratch.store.begin([Self.spec])
    let writer = try RowKeyWriter(write, log: "train")
    let keys = [1, 2, 3, 2, 1].map { RowKey(id: 77, check: $0) }
    #expect(try writer.insert(keys) == [true, true, true, false, false])
    try writer.table.flush()
    try write.publish(PublishOptions(goOn: true))
    try writer.table.rebase()
    #expect(try writer.insert(keys + [RowKey(id: 77, check: 4)]) == [false, false, false, false, false, true])
  }
}
