import LoamSchema
import LoamStore
import Testing

@Suite struct IDTableColumnTests {
  @Test func aColumnAddedLaterHoldsInitialValuesForOldRowsAndCostsNoBlock() throws {
    let scratch = try StructureStore(shards: 3)
    let name = TableName(.embedding, "m/t")
    var spec = TableSpec(name, columns: [ColumnSpec("a", .u32)])
    var write = try scratch.store.begin([spec])
    var table = try IDTableWriter(write, spec)
    for id in UInt64(0)..<1_000 { try table.mutableRow(0, table.findOrInsert(id)).storeBytes(of: 1, as: UInt32.self) }
    try table.flush()
    try write.publish()
    spec.columns.append(ColumnSpec("b", .f32, width: 2, initial: .uniform(bound: 2, seed: 5)))
    write = try scratch.store.begin([spec])
    table = try IDTableWriter(write, spec)
    _ = try table.findOrInsert(5_000)
    try table.flush()
    try write.publish()
    let reader = try #require(try IDTableReader(scratch.store.snapshot(), name))
    #expect(try reader.statistics().bytes["b"] == 0)
    let rows = try reader.find([3, 5_000])
    var values = [Float](repeating: 0, count: 4)
    try values.withUnsafeMutableBytes { try reader.read("b", rows, into: $0.baseAddress!) }
    #expect(values.allSatisfy { $0 != 0 && abs($0) < 2 })
    #expect(Set(values).count == 4)
  }

  @Test func theRowOfAnAbsentIDReadsAsZeros() throws {
    let scratch = try StructureStore(shards: 1)
    let spec = TableSpec(
      TableName(.embedding, "m/t"), columns: [ColumnSpec("a", .f32, initial: .uniform(bound: 2, seed: 5))])
    let write = try scratch.store.begin([spec])
    let table = try IDTableWriter(write, spec)
    _ = try table.findOrInsert(1)
    try table.flush()
    try write.publish()
    let reader = try #require(try IDTableReader(scratch.store.snapshot(), spec.name))
    var value: Float = 1
    try withUnsafeMutableBytes(of: &value) { try reader.read("a", [reader.find(2)], into: $0.baseAddress!) }
    #expect(value == 0)
    #expect(throws: StoreError.self) { try reader.columnIndex("nope") }
  }

  @Test func aVersionWithoutTheTableHasNoReader() throws {
    let scratch = try StructureStore(shards: 1)
    #expect(try IDTableReader(scratch.store.snapshot(), TableName(.ids, "none")) == nil)
  }

  @Test func anOlderVersionKeepsItsRows() throws {
    let scratch = try StructureStore(shards: 2)
    let spec = TableSpec(TableName(.embedding, "m/t"), columns: [ColumnSpec("a", .u32)])
    let write = try scratch.store.begin([spec])
    let table = try IDTableWriter(write, spec)
    var versions: [UInt64] = []
    for value in UInt32(1)...3 {
      for id in UInt64(0)..<UInt64(value) * 500 {
        try table.mutableRow(0, table.findOrInsert(id)).storeBytes(of: value, as: UInt32.self)
      }
      try table.flush()
      versions.append(try write.publish(PublishOptions(goOn: true)).version)
      try table.rebase()
    }
    for (position, version) in versions.enumerated() {
      let reader = try #require(try IDTableReader(scratch.store.snapshot(at: .number(version)), spec.name))
      #expect(reader.rowCount == (position + 1) * 500)
      var value: UInt32 = 0
      try withUnsafeMutableBytes(of: &value) { try reader.read("a", [reader.find(4)], into: $0.baseAddress!) }
      #expect(value == UInt32(position + 1))
      try reader.check()
    }
  }
}
