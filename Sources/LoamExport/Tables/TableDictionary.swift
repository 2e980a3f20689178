import LoamSchema
import LoamStore

/// The strings of a table's IDs, one after the other; that of row i lies at `offsets[i] ..< offsets[i + 1]`.
struct TableDictionary {
  private static let idsAtOnce = 8_192
  private(set) var bytes: [UInt8] = []
  private(set) var offsets: [Int64] = [0]

  /// `nil`: the ID space is of integers. The reserved IDs, and rows that ingest never saw, have the empty string.
  init?(_ snapshot: Snapshot, space: String, _ ids: [ID]) throws(ExportError) {
    let name = TableName(.ids, space)
    let table = try Exporter.reading("\(name)") { () throws(StoreError) in try IDTableReader(snapshot, name) }
    guard let table, table.hasStrings else { return nil }
    offsets.reserveCapacity(ids.count + 1)
    var found = false
    for first in stride(from: 0, to: ids.count, by: Self.idsAtOnce) {
      let piece = Array(ids[first..<min(first + Self.idsAtOnce, ids.count)])
      let rows = try Exporter.reading("\(name)") { () throws(StoreError) in try table.find(piece) }
      for row in rows {
        let string = try Exporter.reading("\(name)") { () throws(StoreError) in
          row.isNone ? nil : try table.string(of: row)
        }
        if let string {
          bytes.append(contentsOf: string.utf8)
          found = true
        }
        offsets.append(Int64(bytes.count))
      }
    }
    if !found { return nil }
  }

  private init(bytes: [UInt8], offsets: [Int64]) { (self.bytes, self.offsets) = (bytes, offsets) }

  /// Of some rows, with offsets of their own.
  func part(_ rows: Range<Int>) -> TableDictionary {
    let begin = offsets[rows.lowerBound]
    return TableDictionary(
      bytes: Array(bytes[Int(begin)..<Int(offsets[rows.upperBound])]),
      offsets: offsets[rows.lowerBound...rows.upperBound].map { $0 - begin })
  }

  /// Empty where the row has none.
  func string(_ row: Int) -> String {
    String(decoding: bytes[Int(offsets[row])..<Int(offsets[row + 1])], as: UTF8.self)
  }
}
