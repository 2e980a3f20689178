import LoamSchema
import LoamStore
import Testing

/// Batches of a writer beside the same changes made row by row.
@Suite struct BatchTests {
  private static let name = TableName(.embedding, "m/t")
  private static let spec = TableSpec(
    name,
    columns: [
      ColumnSpec("vector", .f32, width: 16, initial: .normal(deviation: 0.1, seed: 3)),
      ColumnSpec("sum", .f32, width: 16),
      ColumnSpec("count", .u64, blockPages: 1),
      ColumnSpec("wide", .u8, width: 9_000),
    ])

  private static func find(_ table: IDTableWriter, _ ids: [ID], insert: Bool) throws -> [RowReference] {
    var rows = [RowReference](repeating: .none, count: ids.count)
    try ids.withUnsafeBufferPointer { ids in
      try rows.withUnsafeMutableBufferPointer {
        if insert { try table.findOrInsert(ids, into: $0) } else { try table.find(ids, into: $0) }
      }
    }
    return rows
  }

  private static func vectors(_ table: IDTableWriter, _ rows: [RowReference]) throws -> [Float] {
    var values = [Float](repeating: -1, count: rows.count * 16)
    try values.withUnsafeMutableBytes { bytes in
      try rows.withUnsafeBufferPointer { try table.read(0, $0, into: bytes.baseAddress!) }
    }
    return values
  }

  private static func change(_ table: IDTableWriter, _ rows: [RowReference]) throws {
    try rows.withUnsafeBufferPointer { rows in
      try table.update([0, 2, 3], rows) { group in
        let (vectors, counts) = (group.rows(0, of: Float.self), group.rows(1, of: UInt64.self))
        for row in 0..<group.count {
          vectors[row]![5] += Float(group.first + row)
          counts[row]!.pointee += 1
          group.rows(2, of: UInt8.self)[row]![8_999] &+= 1
        }
      }
    }
  }

  private static func changeOneByOne(_ table: IDTableWriter, _ rows: [RowReference]) throws {
    for (position, row) in rows.enumerated() {
      try table.mutableRow(0, row).assumingMemoryBound(to: Float.self)[5] += Float(position)
      try table.mutableRow(2, row).assumingMemoryBound(to: UInt64.self).pointee += 1
      try table.mutableRow(3, row).assumingMemoryBound(to: UInt8.self)[8_999] &+= 1
    }
  }

  @Test(arguments: [1, 4])
  func batchesDoWhatSingleRowsDo(shards: Int) throws {
    let seed = UInt64(shards) + 40
    var random = SeededGenerator(seed)
    let (batched, single) = (try StructureStore(shards: shards), try StructureStore(shards: shards))
    let writes = (try batched.store.begin([Self.spec]), try single.store.begin([Self.spec]))
    let index: IDTableReader.IndexPlace = shards == 1 ? .mapped : .copied
    let (one, other) = (try IDTableWriter(writes.0, Self.spec, index: index), try IDTableWriter(writes.1, Self.spec))
    for round in 0..<4 {
      // IDs come back within a batch and later; the first round inserts into an empty table.
      let ids = (0..<700).map { _ in random.next() % 1_000 }
      let rows = try Self.find(one, ids, insert: true)
      let expected = try ids.map { try other.findOrInsert($0) }
      #expect(rows == expected, "seed \(seed) round \(round)")
      let gathered = try Self.vectors(one, rows)
      for (position, row) in expected.enumerated() {
        let stored = try other.row(0, row).assumingMemoryBound(to: Float.self)
        #expect((0..<16).allSatisfy { gathered[position * 16 + $0] == stored[$0] }, "seed \(seed) ID \(ids[position])")
      }
      // Every other round leaves blocks of the base uncopied.
      if round % 2 == 0 {
        try Self.change(one, rows)
        try Self.changeOneByOne(other, expected)
      } else {
        try Self.change(one, Array(rows.prefix(9)))
        try Self.changeOneByOne(other, Array(expected.prefix(9)))
      }
      for (table, write) in [(one, writes.0), (other, writes.1)] {
        try table.flush()
        try write.publish(PublishOptions(goOn: true))
        try table.rebase()
      }
      #expect(try batched.root(Self.name) == single.root(Self.name), "seed \(seed) round \(round)")
      #expect(try batched.root(Self.name) != 0)
    }
  }

  @Test func idsThatHaveNoRowAreNoneAndReadAsZeros() throws {
    let scratch = try StructureStore(shards: 2)
    let table = try IDTableWriter(try scratch.store.begin([Self.spec]), Self.spec)
    let ids = (0..<300).map { UInt64($0) }
    #expect(try Self.find(table, ids, insert: false).allSatisfy(\.isNone))
    _ = try table.findOrInsert(150)
    let rows = try Self.find(table, ids, insert: false)
    #expect(rows.map(\.isNone) == ids.map { $0 != 150 })
    let vectors = try Self.vectors(table, rows)
    let stored = try table.row(0, rows[150]).assumingMemoryBound(to: Float.self)
    for (position, value) in vectors.enumerated() {
      #expect(value == (position / 16 == 150 ? stored[position % 16] : 0))
    }
    #expect(stored[0] != 0)
  }

  @Test func aRowThatOccursTwiceIsChangedTwice() throws {
    let scratch = try StructureStore(shards: 1)
    let table = try IDTableWriter(try scratch.store.begin([Self.spec]), Self.spec)
    let row = try table.findOrInsert(7)
    // Far apart, so that they fall into different groups.
    try Self.change(table, [RowReference](repeating: row, count: 1_000))
    #expect(try table.row(2, row).load(as: UInt64.self) == 1_000)
  }
}
