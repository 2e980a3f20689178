import LoamSchema
import LoamStore

/// The counts of one ID space, summed over logs.
struct SpaceCounts {
  let logs: [String]
  private let names: IDNames
  private let table: IDTableReader
  /// Estimated occurrences from which on an ID is kept.
  private let minimum: Int?
  private let counts: [(id: ID, count: UInt64)]
  /// By log; none where counts are exact.
  private let sketches: [(log: String, reader: CountMinReader)]

  init(_ snapshot: Snapshot, space: String, log: String?) throws {
    names = try IDNames(snapshot, space: space)
    guard let table = names.table else { throw snapshot.unknown(.ids, space, "ID space") }
    self.table = table
    let known = IDSpaceColumns.logs(table.spec)
    if let log, !known.contains(log) { throw snapshot.unknown(.log, log, "log that counts \(space)") }
    logs = log.map { [$0] } ?? known
    let sketches = try logs.compactMap { log in
      try CountMinReader(snapshot, space: space, log: log).map { (log, $0) }
    }
    self.sketches = sketches
    minimum = try snapshot.schema().allIDs.first { $0.space == space }?.admission?.minimumCount
    var counts: [(ID, UInt64)] = []
    counts.reserveCapacity(table.rowCount)
    let columns = try logs.map { try table.columnIndex(IDSpaceColumns.count($0)) }
    try table.forEachRow { row, id in
      let sum = try columns.reduce(0) { $0 + (try Self.count($1, row, table)) }
      if sum > 0 { counts.append((id, sum)) }
    }
    self.counts = counts
  }

  var distinct: Int { counts.count }
  /// Occurrences, those of IDs too rare to be kept included.
  var total: UInt64 {
    sketches.isEmpty ? counts.reduce(0) { $0 + $1.count } : sketches.reduce(0) { $0 + $1.reader.total }
  }
  /// `nil`: all counts are exact.
  var estimates: [IDCounts.Estimate]? {
    guard !sketches.isEmpty else { return nil }
    return sketches.map { log, sketch in
      IDCounts.Estimate(
        log: log, minimumCount: minimum, bound: sketch.shape.bound(total: sketch.total),
        epsilon: sketch.shape.epsilon, delta: sketch.shape.delta, occurrences: sketch.total)
    }
  }
  var present: some Sequence<UInt64> { counts.lazy.map(\.count) }

  private static func count(_ column: Int, _ row: RowReference, _ table: IDTableReader) throws -> UInt64 {
    var value: UInt64 = 0
    try table.read(column, row, into: &value)
    return value
  }

  /// Highest counts first; equal ones by ID.
  func most(_ limit: Int) throws -> [IDCounts.Entry] {
    let sorted = counts.sorted { $0.count != $1.count ? $0.count > $1.count : $0.id < $1.id }
    return try sorted.prefix(limit).map { .init(id: try names.text($0.id), number: $0.id, count: $0.count) }
  }

  func ids(atLeast count: UInt64) -> Set<UInt64> { Set(counts.lazy.filter { $0.count >= count }.map(\.id)) }

  /// Zero for an ID that does not occur; an estimate for one that is too rare to be kept.
  func entry(_ text: String) throws -> IDCounts.Entry {
    let id = try names.id(text)
    let row = try table.find(id)
    var sum: UInt64 = 0
    for log in logs {
      let kept = row.isNone ? 0 : try Self.count(try table.columnIndex(IDSpaceColumns.count(log)), row, table)
      sum += try kept > 0 ? kept : sketches.first { $0.log == log }?.reader.estimate(id) ?? 0
    }
    return .init(id: text, number: id, count: sum)
  }
}

/// How ingest names the columns of an ID space.
enum IDSpaceColumns {
  static func count(_ log: String) -> String { "count/\(log)" }
  static func logs(_ spec: TableSpec) -> [String] {
    spec.columns.map(\.name).filter { $0.hasPrefix("count/") }.map { String($0.dropFirst(6)) }
  }
}
