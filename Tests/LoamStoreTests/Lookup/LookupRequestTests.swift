import LoamSchema
import LoamStore
import Testing

@Suite struct LookupRequestTests {
  @Test(arguments: [1, 3])
  func severalTablesInOneCallAnswerAsEachAlone(shards: Int) throws {
    let tables = try LookupTables(shards: shards, seed: 31)
    var random = SeededGenerator(8)
    for _ in 0..<6 {
      // Small ones side by side, which share a group, and some that are cut.
      let sizes = (0..<9).map { _ in [0, 1, 3, 40, 256, 300, 9_000].randomElement(using: &random)! }
      let asked = sizes.map { AskedRows(tables, count: $0, &random) }
      let expected = try asked.map { try $0.alone() }
      for threads in [1, 2, 5] {
        #expect(try AskedRows.together(asked, tables.snapshot, threads: threads) == expected, "\(sizes) \(threads)")
      }
    }
  }

  @Test func manySmallRequestsAnswerAsEachAlone() throws {
    let tables = try LookupTables(shards: 2, seed: 5)
    var random = SeededGenerator(2)
    let asked = (0..<600).map { _ in AskedRows(tables, count: Int.random(in: 0...2, using: &random), &random) }
    let expected = try asked.map { try $0.alone() }
    for threads in [1, 4] {
      #expect(try AskedRows.together(asked, tables.snapshot, threads: threads) == expected)
    }
  }

  @Test(arguments: [1, 2_000])
  func theErrorIsThatOfTheFirstRequestThatFails(count: Int) throws {
    let table = try LookupStore(rows: 2_000, shards: 1, seed: 3)
    let columns = [3, 2, 1]
    for column in columns.dropFirst() { try table.damage(column: UInt16(16 + column), block: 0, byte: 9) }
    for threads in [1, 2, 4] {
      let reader = try table.reader()
      let strides = columns.map { reader.spec.columns[$0].stride }
      let out = UnsafeMutableRawBufferPointer.allocate(byteCount: strides.reduce(0, +) * count, alignment: 64)
      defer { out.deallocate() }
      let error = #expect(throws: StoreError.self) {
        try table.ids[..<count].withUnsafeBufferPointer { ids in
          var start = 0
          let requests = zip(columns, strides).map { column, stride in
            defer { start += stride * count }
            return LookupRequest(
              reader, ids, column: column,
              into: UnsafeMutableRawBufferPointer(rebasing: out[start..<start + stride * count]))
          }
          try reader.snapshot.lookup(requests, threads: threads)
        }
      }
      #expect(error?.reason == .badChecksum)
      #expect(error?.message.contains("column 18 block 0") == true, "\(error!)")
    }
  }
}
