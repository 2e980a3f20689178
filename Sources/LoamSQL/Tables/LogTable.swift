import LoamSchema
import LoamStore

/// The rows of a feature log in their order, `row` counting from 0.
///
/// Columns are named as in `loam log`, `id/user` as `id_user`: reals, times in microseconds, IDs as they are written, and
/// JSON lists where a row has any number of IDs (`[id, weight]` where they have weights). Missing values are NULL.
final class LogTable: SQLTable {
  let view: StoreView
  let name: String
  /// As the log has them, from the second column on.
  let stored: [String]
  let columns: [SQLColumn]
  let rowCount: Int

  init(_ view: StoreView, _ name: String) throws(SQLError) {
    (self.view, self.name) = (view, name)
    _ = try view.spec(TableName(.log, name))
    let reader = try view.log(name)
    stored = reader.columnNames
    rowCount = reader.rowCount
    columns =
      [SQLColumn(name: "row", type: "INTEGER")]
      + zip(SQLNames.unique(stored, after: ["row"]), stored).map { name, stored in
        let isTime = stored.hasPrefix("time/") || stored.hasSuffix("/available_at")
        return SQLColumn(
          name: name, type: stored.hasPrefix("id/") ? "" : isTime ? "INTEGER" : "REAL", isCostly: true)
      }
  }

  private func isRow(_ column: Int) -> Bool { column <= 0 }

  func use(of column: Int, _ comparison: Comparison) -> ConstraintUse? {
    guard isRow(column) else { return nil }
    return comparison == .equal
      ? ConstraintUse(rows: 1, isExact: false, isKey: true)
      : ConstraintUse(rows: max(1, rowCount / 4), isExact: false)
  }

  func isOrdered(by column: Int, descending: Bool, constrained: [Int]) -> Bool { isRow(column) && !descending }

  func cursor() throws(SQLError) -> any SQLCursor { LogCursor(self, try view.log(name)) }
}

/// Reads of a row group the columns that are asked for.
final class LogCursor: SQLCursor {
  private let table: LogTable
  private let reader: FeatureLogReader
  private var rows = 0..<0
  private var group = -1
  private var read: [RowGroup.Column?]
  private var namings: [IDNaming?]

  init(_ table: LogTable, _ reader: FeatureLogReader) {
    (self.table, self.reader) = (table, reader)
    read = table.stored.map { _ in nil }
    namings = table.stored.map { _ in nil }
  }

  var isAtEnd: Bool { rows.isEmpty }
  var rowID: Int64 { Int64(rows.lowerBound) }
  func advance() { rows = rows.dropFirst() }

  func start(_ terms: [SQLTerm]) {
    var (low, high) = (0, reader.rowCount)
    for term in terms {
      // Halves and whatever is no number: SQLite compares the rows itself.
      guard let bound = term.value.integer else { continue }
      let place = Int(clamping: bound)
      switch term.comparison {
      case .equal:
        low = max(low, place)
        high = min(high, place == .max ? place : place + 1)
      case .greater: low = max(low, place == .max ? place : place + 1)
      case .atLeast: low = max(low, place)
      case .less: high = min(high, place)
      case .atMost: high = min(high, place == .max ? place : place + 1)
      }
    }
    rows = low..<max(low, high)
  }

  func write(_ column: Int, to result: SQLResult) throws(SQLError) {
    guard column > 0 else { return result.integer(rowID) }
    let place = rows.lowerBound % reader.rowsPerGroup
    switch try values(column - 1) {
    case .real(let values): result.real(Double(values[place]))
    case .time(let values): if values[place] == .absent { result.null() } else { result.integer(values[place]) }
    case .ids(let ids):
      let naming = try naming(column - 1)
      if let offsets = ids.offsets {
        result.text(try list(ids, Int(offsets[place])..<Int(offsets[place + 1]), naming))
      } else if ids.codes[place] == CodedIDs.missing {
        result.null()
      } else {
        result.value(try naming.value(ids.distinct[Int(ids.codes[place])]))
      }
    }
  }

  private func values(_ column: Int) throws(SQLError) -> RowGroup.Column {
    let wanted = rows.lowerBound / reader.rowsPerGroup
    if wanted != group {
      group = wanted
      for index in read.indices { read[index] = nil }
    }
    if let known = read[column] { return known }
    let (name, reader) = (table.stored[column], reader)
    let found = try SQLError.passing { () throws(StoreError) in try reader.group(wanted, columns: [name]).columns[name]
    }
    guard let found else { throw .sql(.unknownColumn, "the log \(table.name) has no column \(name)") }
    read[column] = found
    return found
  }

  private func naming(_ column: Int) throws(SQLError) -> IDNaming {
    if let known = namings[column] { return known }
    let naming = try table.view.naming(field: String(table.stored[column].dropFirst("id/".count)))
    namings[column] = naming
    return naming
  }

  private func list(_ ids: CodedIDs, _ values: Range<Int>, _ naming: IDNaming) throws(SQLError) -> String {
    var texts: [String] = []
    for value in values {
      let id = JSONText.text(try naming.value(ids.distinct[Int(ids.codes[value])]))
      texts.append(ids.weights.map { "[\(id),\($0[value])]" } ?? id)
    }
    return "[" + texts.joined(separator: ",") + "]"
  }
}
