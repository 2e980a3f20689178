import LoamSchema
import LoamStore
import Testing

@Suite struct LookupDamageTests {
  private static let rows = 2_000

  /// Every ID in one batch and one at a time, on a fresh reader each.
  private func expectRefusal(_ table: LookupStore, column: Int, _ comment: Comment) throws {
    for place in [IDTableReader.IndexPlace.mapped, .copied] {
      try expectRefusal(table, column: column, place, comment)
    }
  }

  private func expectRefusal(
    _ table: LookupStore, column: Int, _ place: IDTableReader.IndexPlace, _ comment: Comment
  ) throws {
    let stride = LookupStore.spec.columns[column].stride
    let batch = try table.reader(place)
    #expect(comment) {
      _ = try batch.lookup(table.ids, column: column, absent: nil)
    } throws: {
      ($0 as? StoreError)?.reason == .badChecksum
    }
    // Again: an error must not leave the block marked as verified.
    #expect(throws: StoreError.self, comment) { try batch.lookup(table.ids, column: column, absent: nil) }
    let one = try table.reader(place)
    var row = [UInt8](repeating: 0, count: stride)
    var refused = 0
    for id in table.ids {
      do { _ = try row.withUnsafeMutableBytes { try one.lookup(id, column: column, into: $0.baseAddress!) } } catch {
        #expect((error as? StoreError)?.reason == .badChecksum, comment)
        refused += 1
      }
    }
    #expect(refused > 0, comment)
  }

  @Test func aChangedByteInARowBlockIsRefusedAtFirstTouch() throws {
    let table = try LookupStore(rows: Self.rows, shards: 1, seed: 31)
    try table.damage(column: 16, block: 3, byte: 777)
    try expectRefusal(table, column: 0, "vector")
    // Columns beside it are whole.
    _ = try table.reader().lookup(table.ids, column: 1, absent: nil)
  }

  @Test(arguments: [0, 41, 60, 4_031])
  func aChangedByteInAnIndexBlockIsRefusedAtFirstTouch(byte: Int) throws {
    let table = try LookupStore(rows: Self.rows, shards: 1, seed: 32)
    try table.damage(column: 1, block: 2, byte: byte)
    try expectRefusal(table, column: 1, "index")
    #expect(throws: StoreError.self) { try table.reader().find(table.ids) }
  }

  @Test func rowsOfADamagedBlockNeverReachTheOutput() throws {
    let table = try LookupStore(rows: Self.rows, shards: 1, seed: 33)
    let column = 0
    let stride = LookupStore.spec.columns[column].stride
    let whole = try table.reader().slowly(table.ids, column: column, absent: [UInt8](repeating: 0, count: stride))
    try table.damage(column: 16, block: 2, byte: 64)
    let reader = try table.reader()
    var out = [UInt8](repeating: 0xEE, count: whole.count)
    #expect(throws: StoreError.self) {
      try out.withUnsafeMutableBytes { out in
        try table.ids.withUnsafeBufferPointer { try reader.lookup($0, column: column, into: out) }
      }
    }
    for byte in out.indices { #expect(out[byte] == whole[byte] || out[byte] == 0xEE) }
  }
}
