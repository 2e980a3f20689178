import LoamQuery
import LoamSchema
import LoamStore

/// A table of a version: an embedding table, whose decay is made up for, or an ID space.
final class OpenStoreTable: OpenTable, @unchecked Sendable {
  let name: String
  let snapshot: Snapshot
  let reader: IDTableReader
  let columns: [OpenColumn]
  private let embedding: EmbeddingReader?
  /// Where the rows store until when they have decayed.
  private let decayColumn: Int?
  /// Of each column the row of `ID.unknown` as it is stored, written once.
  private let unknown: [UnsafeMutableRawPointer?]

  init(_ snapshot: Snapshot, _ name: String) throws {
    let table = TableName(name) ?? TableName(.embedding, name)
    guard table.kind == .ids || table.kind == .embedding, let reader = try IDTableReader(snapshot, table) else {
      let names = snapshot.tables.filter { $0.kind == .ids || $0.kind == .embedding }
        .map { $0.kind == .embedding ? $0.name : $0.description }
      throw APIError(
        .unknownTable, "version \(snapshot.record.version) has no table '\(name)'",
        hint: nearestName(to: name, among: names).map { "Did you mean \($0)?" }
          ?? "It has: \(names.joined(separator: ", "))")
    }
    (self.name, self.snapshot, self.reader) = (name, snapshot, reader)
    let parts = table.name.split(separator: "/").map(String.init)
    embedding = table.kind == .embedding ? try EmbeddingReader(snapshot, model: parts[0], space: parts[1]) : nil
    decayColumn = reader.spec.columns.firstIndex { $0.name == "decay" }
    columns = reader.spec.columns.map { column in
      OpenColumn(
        name: column.name, dtype: "\(column.type)", width: column.width,
        isReal: [.f32, .f16, .bf16, .i8].contains(column.type))
    }
    let hasUnknown = try !reader.find(ID.unknown).isNone
    var unknown: [UnsafeMutableRawPointer?] = []
    for (index, column) in reader.spec.columns.enumerated() {
      guard hasUnknown else {
        unknown.append(nil)
        continue
      }
      let row = UnsafeMutableRawPointer.allocate(byteCount: column.stride, alignment: 8)
      unknown.append(row)
      try reader.read(index, try reader.find(ID.unknown), into: row)
    }
    self.unknown = unknown
  }

  deinit { for row in unknown { row?.deallocate() } }

  var rowCount: Int { reader.rowCount }

  func ids(into ids: UnsafeMutableBufferPointer<ID>) throws {
    var place = 0
    try reader.forEachRow { _, id in
      ids[place] = id
      place += 1
    }
  }

  func find(_ ids: UnsafeBufferPointer<ID>, into found: UnsafeMutableBufferPointer<UInt8>) throws {
    try withUnsafeTemporaryAllocation(of: RowReference.self, capacity: ids.count) { rows in
      try reader.find(ids, into: rows)
      for place in rows.indices { found[place] = rows[place].isNone ? 0 : 1 }
    }
  }

  /// To be looked up with those of other tables, then `settled`.
  func request(
    _ ids: UnsafeBufferPointer<ID>, column: Int, absent: Absent, into values: UnsafeMutableBufferPointer<Float>
  ) throws -> LookupRequest {
    try LookupRequest(reader, ids, column: column, absent: row(absent, column), into: values)
  }

  private func row(_ absent: Absent, _ column: Int) -> UnsafeRawPointer? {
    absent == .unknown ? unknown[column].map { UnsafeRawPointer($0) } : nil
  }

  func rows(
    _ ids: UnsafeBufferPointer<ID>, column: Int, absent: Absent, threads: Int,
    into values: UnsafeMutableBufferPointer<Float>
  ) throws {
    try snapshot.lookup([try request(ids, column: column, absent: absent, into: values)], threads: threads)
    try settle(ids, column: column, absent: absent, threads: threads, values)
  }

  private func decays(_ column: Int) -> Bool {
    decayColumn != nil && (columns[column].name == "vector" || columns[column].name == "weight")
  }

  /// Makes up for the decay that is due.
  func settle(
    _ ids: UnsafeBufferPointer<ID>, column: Int, absent: Absent, threads: Int,
    _ values: UnsafeMutableBufferPointer<Float>
  ) throws {
    guard let decayColumn, let embedding, decays(column), let out = values.baseAddress else { return }
    let width = columns[column].width
    let logs = UnsafeMutableBufferPointer<Double>.allocate(capacity: ids.count)
    defer { logs.deallocate() }
    let request = LookupRequest(
      reader, ids, column: decayColumn, absent: row(absent, decayColumn), into: UnsafeMutableRawBufferPointer(logs))
    try snapshot.lookup([request], threads: threads)
    for place in ids.indices {
      // Of an absent ID that reads zeros the factor is of no matter.
      let factor = EmbeddingReader.factor(now: embedding.decayLog, row: logs[place])
      EmbeddingReader.settle(out + place * width, width, factor)
    }
  }

  func bags(
    _ ids: UnsafeBufferPointer<ID>, _ offsets: UnsafeBufferPointer<UInt32>, _ pooling: PooledAs, column: Int,
    absent: Absent, threads: Int, into values: UnsafeMutableBufferPointer<Float>
  ) throws {
    guard decays(column) else {
      let request = try LookupRequest(
        reader, ids, bags: offsets, pooling == .sum ? .sum : .mean, column: column, absent: row(absent, column),
        into: values)
      return try snapshot.lookup([request], threads: threads)
    }
    // Each row has its own factor, so rows are settled before they are added.
    let width = columns[column].width
    let rows = UnsafeMutableBufferPointer<Float>.allocate(capacity: ids.count * width)
    defer { rows.deallocate() }
    try self.rows(ids, column: column, absent: absent, threads: threads, into: rows)
    values.update(repeating: 0)
    for bag in 0..<offsets.count - 1 {
      let members = Int(offsets[bag])..<Int(offsets[bag + 1])
      for place in members {
        for element in 0..<width { values[bag * width + element] += rows[place * width + element] }
      }
      guard pooling == .mean, members.count > 1 else { continue }
      for element in 0..<width { values[bag * width + element] /= Float(members.count) }
    }
  }

  /// Occurrences of IDs of a space, in one log or in all.
  func counts(_ ids: UnsafeBufferPointer<ID>, log: String?, into counts: UnsafeMutableBufferPointer<UInt64>) throws {
    let logs = reader.spec.columns.map(\.name).filter { $0.hasPrefix("count/") }.map { String($0.dropFirst(6)) }
    guard reader.spec.name.kind == .ids else {
      throw APIError(.badArgument, "table \(name) counts nothing", hint: "Open the ID space: ids:SPACE.")
    }
    if let log, !logs.contains(log) {
      throw APIError(
        .unknownTable, "no log '\(log)' is counted in \(name)",
        hint: nearestName(to: log, among: logs).map { "Did you mean \($0)?" }
          ?? "It has: \(logs.joined(separator: ", "))")
    }
    counts.update(repeating: 0)
    let values = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: ids.count)
    defer { values.deallocate() }
    for log in log.map({ [$0] }) ?? logs {
      try reader.lookup(
        ids, column: try reader.columnIndex("count/\(log)"), into: UnsafeMutableRawBufferPointer(values))
      for place in ids.indices { counts[place] &+= values[place] }
    }
  }
}
