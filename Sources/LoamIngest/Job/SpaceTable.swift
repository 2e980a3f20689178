import LoamSchema
import LoamStore

/// The table of an ID space, with the columns that belong to one log.
struct SpaceTable {
  private let table: IDTableWriter
  private let count: Int
  private let first: Int
  private let last: Int
  private(set) var newIDs = 0

  static func spec(_ space: String, log: String) -> TableSpec {
    TableSpec(
      TableName(.ids, space),
      columns: [
        ColumnSpec("count/\(log)", .u64), ColumnSpec("first/\(log)", .i64), ColumnSpec("last/\(log)", .i64),
      ])
  }

  init(_ write: Write, _ space: String, log: String) throws(StoreError) {
    table = try IDTableWriter(write, write.spec(TableName(.ids, space)))
    count = try table.columnIndex("count/\(log)")
    first = try table.columnIndex("first/\(log)")
    last = try table.columnIndex("last/\(log)")
  }

  /// Adds what a batch has seen, in order of first appearance: the order of slots, whatever the cutting into batches.
  mutating func add(_ tally: SpaceTally) throws(StoreError) {
    let rowsBefore = table.rowCount
    // The standard library's withUnsafeBytes keeps no typed error, hence the Result.
    let result = tally.withStrings { strings -> Result<Void, StoreError> in
      do throws(StoreError) {
        for entry in tally.entries {
          try table.putEarlyIfFull()
          let range = entry.stringStart..<entry.stringStart + entry.stringCount
          try add(entry, tally.isString ? UnsafeRawBufferPointer(rebasing: strings[range]) : nil)
        }
        return .success(())
      } catch { return .failure(error) }
    }
    try result.get()
    newIDs += table.rowCount - rowsBefore
  }

  private func add(_ entry: SpaceTally.Entry, _ string: UnsafeRawBufferPointer?) throws(StoreError) {
    let row = try table.findOrInsert(entry.id, utf8: string)
    let counter = try table.mutableRow(count, row).assumingMemoryBound(to: UInt64.self)
    let firstSeen = try table.mutableRow(first, row).assumingMemoryBound(to: Int64.self)
    let lastSeen = try table.mutableRow(last, row).assumingMemoryBound(to: Int64.self)
    let isNew = counter.pointee == 0
    counter.pointee += entry.count
    firstSeen.pointee = isNew ? entry.first : min(firstSeen.pointee, entry.first)
    lastSeen.pointee = isNew ? entry.last : max(lastSeen.pointee, entry.last)
  }

  func flush() throws(StoreError) { try table.flush() }
  func rebase() throws(StoreError) { try table.rebase() }
}
