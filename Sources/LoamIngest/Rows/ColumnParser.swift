import LoamKernels
import LoamSchema
import LoamStore

/// Parses the cells of a regular chunk column by column; gives up where a value is not as the schema says.
final class ColumnParser {
  /// By ID space, one of each field.
  let tallies: [[SpaceTally]]
  private let plan: RowPlan
  private let parser: ValueParser
  /// What `known_at: now` stores.
  var now: Timestamp
  private let markers: MissingMarkers
  private let fieldTallies: [SpaceTally]
  private var group = RowGroup()
  private var values: [ParsedID] = []
  private var rowKeys = RowKeyColumns()

  init(_ plan: RowPlan, now: Timestamp) {
    (self.plan, self.now) = (plan, now)
    parser = ValueParser(plan: plan)
    markers = MissingMarkers(plan.missing)
    let fieldTallies = plan.ids.map { SpaceTally(plan.spaces[$0.space], isString: plan.spaceIsString[$0.space]) }
    self.fieldTallies = fieldTallies
    tallies = plan.spaces.indices.map { space in
      plan.ids.indices.filter { plan.ids[$0].space == space }.map { fieldTallies[$0] }
    }
  }

  /// The rows of the chunk parsed last.
  func takeGroup() -> RowGroup {
    defer { group = RowGroup() }
    return group
  }

  func takeKeys() -> [RowKey] { rowKeys.take() }

  /// - Parameters:
  ///   - cells: one a record in each column of the file.
  ///   - stride: cells from one column to the next.
  func parse(_ chunk: RecordChunk, _ cells: [loam_cell], stride: Int) -> Bool {
    for tally in fieldTallies { tally.removeAll() }
    group = RowGroup(rowCount: chunk.records.count)
    _ = rowKeys.take()
    return cells.withUnsafeBufferPointer { cells in
      let table = CellTable(chunk, cells.baseAddress!, stride: stride, markers)
      do throws(RowFault) {
        try parseKeys(table)
        try parseTimes(table)
        try parseNumbers(table)
        for index in plan.ids.indices {
          guard try parseIDs(plan.ids[index], fieldTallies[index], table) else { return false }
        }
        return true
      } catch { return false }
    }
  }

  private func parseKeys(_ table: CellTable) throws(RowFault) {
    if plan.rowKey.isEmpty { return }
    rowKeys.dropRow()
    for row in 0..<table.rows {
      for source in plan.rowKey {
        rowKeys.append(try parser.keyText(table.field(source, row), source, or: table.nowhere))
      }
      rowKeys.endRow()
    }
  }

  private func parseTimes(_ table: CellTable) throws(RowFault) {
    if let time = plan.eventTime { group.columns["time/event"] = .time(try times(time, table, isRequired: true)) }
    switch plan.schema.knownAt {
    case .eventTime: if let events = group.columns["time/event"] { group.columns["time/known"] = events }
    case .now: group.columns["time/known"] = .time(Array(repeating: now, count: table.rows))
    case .column: group.columns["time/known"] = .time(try times(plan.knownAt!, table, isRequired: true))
    }
    for label in plan.labels {
      guard let time = label.availableAt else { continue }
      group.columns["label/\(label.field.name)/available_at"] = .time(try times(time, table, isRequired: false))
    }
  }

  private func times(_ time: RowPlan.Time, _ table: CellTable, isRequired: Bool) throws(RowFault) -> [Timestamp] {
    var times: [Timestamp] = []
    times.reserveCapacity(table.rows)
    for row in 0..<table.rows {
      if let field = table.field(time.source, row) {
        times.append(try parser.time(field, time))
      } else if isRequired {
        throw RowFault(table.nowhere, "")
      } else {
        times.append(.absent)
      }
    }
    return times
  }

  private func parseNumbers(_ table: CellTable) throws(RowFault) {
    for label in plan.labels {
      var values: [Float] = []
      values.reserveCapacity(table.rows)
      for row in 0..<table.rows {
        let field = table.field(label.source, row)
        values.append(try field.map { field throws(RowFault) in try parser.label(field, label) } ?? .nan)
      }
      group.columns["label/\(label.field.name)"] = .real(values)
    }
    for (field, source) in zip(plan.schema.dense, plan.dense) {
      group.columns["dense/\(field.name)"] = .real(try reals(source, table))
    }
    guard let source = plan.weight else { return }
    var weights = [Float](repeating: 1, count: table.rows)
    for row in 0..<table.rows {
      if let field = table.field(source, row) { weights[row] = try parser.weight(field, source) }
    }
    group.columns["weight"] = .real(weights)
  }

  private func reals(_ source: Int, _ table: CellTable) throws(RowFault) -> [Float] {
    guard let column = table.column(source) else { return Array(repeating: .nan, count: table.rows) }
    var values = [Float](unsafeUninitializedCapacity: table.rows) { $1 = table.rows }
    var row = 0
    while true {
      row = values.withUnsafeMutableBufferPointer { loam_parse_reals(column, row, table.rows, $0.baseAddress) }
      if row == table.rows { return values }
      // An exponent, more digits, or no number at all.
      let field = table.field(source, row)
      values[row] = try field.map { field throws(RowFault) in try parser.real(field, source) } ?? .nan
      row += 1
    }
  }

  private func parseIDs(_ ids: RowPlan.IDs, _ tally: SpaceTally, _ table: CellTable) throws(RowFault) -> Bool {
    var times: [Timestamp]?
    if case .time(let events)? = group.columns["time/event"] { times = events }
    guard ids.field.shape == .single, ids.field.bucketise.isEmpty, (ids.field.kind == .string) == tally.isString,
      let column = table.column(ids.source)
    else { return try parseSeveral(ids, tally, table, times) }
    var codes = [UInt32](unsafeUninitializedCapacity: table.rows) { $1 = table.rows }
    let isWhole = codes.withUnsafeMutableBufferPointer { codes in
      guard let times else { return tally.count(column, rows: table.rows, times: nil, codes: codes.baseAddress!) }
      return times.withUnsafeBufferPointer {
        tally.count(column, rows: table.rows, times: $0.baseAddress, codes: codes.baseAddress!)
      }
    }
    group.columns["id/\(ids.field.name)"] = .ids(CodedIDs(distinct: tally.ids, codes: codes))
    return isWhole
  }

  private func parseSeveral(
    _ ids: RowPlan.IDs, _ tally: SpaceTally, _ table: CellTable, _ times: [Timestamp]?
  ) throws(RowFault) -> Bool {
    var column = IDColumn(ids, isAlone: true)
    let record = Record(base: table.base)
    for row in 0..<table.rows {
      values.removeAll(keepingCapacity: true)
      if let field = table.field(ids.source, row) {
        try parser.appendIDs(field, ids, of: record, to: &values)
      }
      do {
        try column.append(values, 0..<values.count, at: times?[row] ?? Int64(row), row: row, tally)
      } catch { return false }
    }
    group.columns["id/\(ids.field.name)"] = .ids(column.take(tally))
    return true
  }
}
