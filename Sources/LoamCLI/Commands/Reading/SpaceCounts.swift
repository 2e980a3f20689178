import LoamSchema
import LoamStore

/// The counts of one ID space, summed over logs.
struct SpaceCounts {
  let logs: [String]
  private let names: IDNames
  private let table: IDTableReader
  private let counts: [(id: ID, count: UInt64)]

  init(_ snapshot: Snapshot, space: String, log: String?) throws {
    names = try IDNames(snapshot, space: space)
    guard let table = names.table else { throw snapshot.unknown(.ids, space, "ID space") }
    self.table = table
    let known = IDSpaceColumns.logs(table.spec)
    if let log, !known.contains(log) { throw snapshot.unknown(.log, log, "log that counts \(space)") }
    logs = log.map { [$0] } ?? known
    var counts: [(ID, UInt64)] = []
    counts.reserveCapacity(table.rowCount)
    let columns = try logs.map { try table.columnIndex(IDSpaceColumns.count($0)) }
    try table.forEachRow { row, id in
      var sum: UInt64 = 0
      for column in columns {
        var value: UInt64 = 0
        try withUnsafeMutableBytes(of: &value) { bytes throws(StoreError) in
          try table.read(column, row, into: bytes.baseAddress!)
        }
        sum += value
      }
      if sum > 0 { counts.append((id, sum)) }
    }
    self.counts = counts
  }

  var distinct: Int { counts.count }
  var total: UInt64 { counts.reduce(0) { $0 + $1.count } }
  var present: some Sequence<UInt64> { counts.lazy.map(\.count) }

  /// Highest counts first; equal ones by ID.
  func most(_ limit: Int) throws -> [IDCounts.Entry] {
    let sorted = counts.sorted { $0.count != $1.count ? $0.count > $1.count : $0.id < $1.id }
    return try sorted.prefix(limit).map { .init(id: try names.text($0.id), number: $0.id, count: $0.count) }
  }

  func ids(atLeast count: UInt64) -> Set<UInt64> { Set(counts.lazy.filter { $0.count >= count }.map(\.id)) }

  /// Zero for an ID that does not occur.
  func entry(_ text: String) throws -> IDCounts.Entry {
    let id = try names.id(text)
    return .init(id: text, number: id, count: counts.first { $0.id == id }?.count ?? 0)
  }
}

/// How ingest names the columns of an ID space.
enum IDSpaceColumns {
  static func count(_ log: String) -> String { "count/\(log)" }
  static func logs(_ spec: TableSpec) -> [String] {
    spec.columns.map(\.name).filter { $0.hasPrefix("count/") }.map { String($0.dropFirst(6)) }
  }
}
