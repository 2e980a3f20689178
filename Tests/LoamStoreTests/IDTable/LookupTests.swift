import LoamSchema
import LoamStore
import Testing

/// Batched lookups beside one ID at a time.
@Suite struct LookupTests {
  /// Known, absent and repeated IDs; lengths around the group's.
  private static func batches(_ ids: [ID], _ random: inout SeededGenerator) -> [[ID]] {
    [0, 1, 255, 256, 257, 1_000].map { length in
      (0..<length).map { _ in
        Int.random(in: 0..<3, using: &random) == 0 ? random.next() : ids.randomElement(using: &random)!
      }
    }
  }

  @Test(arguments: [(3_000, 1), (5_000, 4), (700, 7), (1, 2)])
  func aBatchReadsWhatOneAtATimeReads(rows: Int, shards: Int) throws {
    let table = try LookupStore(rows: rows, shards: shards, seed: UInt64(rows))
    var random = SeededGenerator(11)
    for batch in Self.batches(table.ids, &random) {
      for (index, column) in LookupStore.spec.columns.enumerated() {
        // A new reader: every first touch is the batch's.
        let reader = try table.reader()
        let absent = [UInt8](repeating: 0xA5, count: column.stride)
        let zeros = [UInt8](repeating: 0, count: column.stride)
        #expect(
          try reader.lookup(batch, column: index, absent: absent)
            == table.reader().slowly(batch, column: index, absent: absent), "\(column.name)")
        #expect(
          try reader.lookup(batch, column: index, absent: nil)
            == table.reader().slowly(batch, column: index, absent: zeros), "\(column.name)")
      }
      let reader = try table.reader()
      #expect(try reader.find(batch) == batch.map { try reader.find($0) })
    }
  }

  @Test func aCopiedIndexFindsWhatTheMappedOneFinds() throws {
    // More blocks than stay in the map.
    let table = try LookupStore(rows: 40_000, shards: 2, seed: 77)
    var random = SeededGenerator(3)
    let ids = (table.ids + (0..<5_000).map { _ in random.next() }).shuffled(using: &random)
    let copied = try table.reader(.copied)
    for _ in 0..<2 { #expect(try copied.find(ids) == table.reader().find(ids)) }
    #expect(try copied.find(ids) == ids.map { try copied.find($0) })
    try copied.check()
  }

  @Test func threadsMayTouchACopiedIndexFirstAtOnce() async throws {
    let table = try LookupStore(rows: 30_000, shards: 2, seed: 78)
    let expected = try table.reader().find(table.ids)
    let (reader, ids) = (try table.reader(.copied), table.ids)
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<4 { group.addTask { try reader.find(ids) == expected } }
      for try await same in group { #expect(same) }
    }
  }

  @Test func oneIDReadsItsRowOrSaysThatItHasNone() throws {
    let table = try LookupStore(rows: 2_000, shards: 3, seed: 5)
    let reader = try table.reader()
    for pass in 0..<2 {
      for (index, column) in LookupStore.spec.columns.enumerated() {
        for id in table.ids.prefix(400) + [1, 2, .max] {
          var bytes = [UInt8](repeating: 0xA5, count: column.stride)
          let found = try bytes.withUnsafeMutableBytes { try reader.lookup(id, column: index, into: $0.baseAddress!) }
          let expected = try reader.slowly([id], column: index, absent: [UInt8](repeating: 0xA5, count: column.stride))
          #expect(bytes == expected, "pass \(pass) \(column.name)")
          #expect(try found == !reader.find(id).isNone)
        }
      }
    }
  }

  @Test func rowsOfEveryRealTypeAreReadAsFloats() throws {
    let table = try LookupStore(rows: 900, shards: 2, seed: 8)
    let reader = try table.reader()
    for name in ["vector", "half", "brain", "byte", "untouched"] {
      let column = try reader.columnIndex(name)
      let spec = reader.spec.columns[column]
      let stored = try reader.lookup(table.ids, column: column, absent: nil)
      let values: [Float] = try reader.lookup(table.ids, column: column)
      let expected = stored.withUnsafeBytes { bytes in
        (0..<table.ids.count).flatMap { row in
          (0..<spec.width).map { element in
            LookupReference.value(spec, UnsafeRawBufferPointer(rebasing: bytes[(row * spec.stride)...]), element)
          }
        }
      }
      #expect(values == expected, "\(name)")
    }
    #expect(throws: StoreError.self) { try reader.lookup([1], column: reader.columnIndex("count")) as [Float] }
  }

  @Test func everyHalfIsConvertedExactly() throws {
    let spec = TableSpec(TableName(.embedding, "m/halves"), columns: [ColumnSpec("half", .f16, width: 1 << 10)])
    let scratch = try StructureStore(shards: 1)
    let write = try scratch.store.begin([spec])
    let writer = try IDTableWriter(write, spec)
    for id in UInt64(0)..<64 {
      let row = try writer.mutableRow(0, writer.findOrInsert(id))
      for element in 0..<1_024 {
        row.storeBytes(of: UInt16(id) << 10 | UInt16(element), toByteOffset: element * 2, as: UInt16.self)
      }
    }
    try writer.flush()
    try write.publish()
    let reader = try #require(try IDTableReader(try scratch.store.snapshot(), spec.name))
    let values: [Float] = try reader.lookup(Array(0..<64), column: 0)
    for half in 0...UInt16.max {
      let expected = LookupReference.half(half)
      let value = values[Int(half)]
      #expect(value == expected || value.isNaN && expected.isNaN, "\(half)")
    }
  }
}

/// The types' definitions, a value at a time.
enum LookupReference {
  static func value(_ column: ColumnSpec, _ row: UnsafeRawBufferPointer, _ element: Int) -> Float {
    switch column.type {
    case .f16: half(row.loadUnaligned(fromByteOffset: element * 2, as: UInt16.self))
    case .bf16:
      Float(bitPattern: UInt32(row.loadUnaligned(fromByteOffset: element * 2, as: UInt16.self)) << 16)
    case .i8:
      Float(Int8(bitPattern: row[element])) * row.loadUnaligned(fromByteOffset: column.width, as: Float.self)
    default: row.loadUnaligned(fromByteOffset: element * 4, as: Float.self)
    }
  }

  static func half(_ bits: UInt16) -> Float {
    let sign: Float = bits & 0x8000 == 0 ? 1 : -1
    let fraction = Float(bits & 0x3FF)
    switch Int(bits >> 10) & 0x1F {
    case 0: return sign * fraction * 0x1p-24
    case 31: return fraction == 0 ? sign * .infinity : .nan
    case let exponent: return sign * Float(sign: .plus, exponent: exponent - 25, significand: 1_024 + fraction)
    }
  }
}
