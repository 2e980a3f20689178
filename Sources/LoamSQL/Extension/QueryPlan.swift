import CSQLiteExtension

/// What `EXPLAIN QUERY PLAN` shows of a table, and what its cursor is started with.
///
/// ```
///   number=?                          one row, by its ID
///   count>=? count<? reads vector     every row, those that do not meet the constraints passed over
/// ```
struct QueryPlan {
  private static let reads = "reads"

  /// Answers SQLite's question which constraints are of use; `false`: no way to read the table with them.
  static func choose(_ table: any SQLTable, _ info: UnsafeMutablePointer<sqlite3_index_info>) -> Bool {
    var chosen: [(place: Int, column: Int, comparison: Comparison, use: ConstraintUse)] = []
    for place in 0..<Int(info.pointee.nConstraint) {
      let constraint = info.pointee.aConstraint[place]
      guard constraint.usable != 0, let comparison = Comparison(constraint.op),
        let use = table.use(of: Int(constraint.iColumn), comparison)
      else { continue }
      chosen.append((place, Int(constraint.iColumn), comparison, use))
    }
    guard table.required.allSatisfy({ column in chosen.contains { $0.column == column } }) else { return false }
    if let key = chosen.first(where: \.use.isKey) { chosen = [key] }
    for (number, term) in chosen.enumerated() {
      info.pointee.aConstraintUsage[term.place].argvIndex = Int32(number + 1)
      info.pointee.aConstraintUsage[term.place].omit = term.use.isExact ? 1 : 0
    }
    let rows = chosen.map(\.use.rows).min() ?? table.rowCount
    let isKey = chosen.first?.use.isKey ?? false
    info.pointee.estimatedRows = Int64(max(rows, 1))
    // A scan passes over every row; other terms lead to theirs.
    info.pointee.estimatedCost = isKey ? 1 : Double(max(rows, 1)) + 10
    if isKey { info.pointee.idxFlags = SQLITE_INDEX_SCAN_UNIQUE }
    if info.pointee.nOrderBy == 1 {
      let order = info.pointee.aOrderBy[0]
      let isOrdered = table.isOrdered(
        by: Int(order.iColumn), descending: order.desc != 0,
        constrained: chosen.filter { $0.comparison == .equal }.map(\.column))
      info.pointee.orderByConsumed = isKey || isOrdered ? 1 : 0
    }
    let terms = chosen.map { "\(name($0.column, table))\($0.comparison.rawValue)?" }
    info.pointee.idxNum = Int32(chosen.count)
    info.pointee.idxStr = loam_sqlite_copy((terms + costly(table, info.pointee.colUsed)).joined(separator: " "))
    info.pointee.needToFreeIdxStr = 1
    return true
  }

  /// The terms of a plan with their values.
  static func terms(_ text: UnsafePointer<CChar>?, _ values: [SQLValue], _ table: any SQLTable) -> [SQLTerm] {
    guard let text, !values.isEmpty else { return [] }
    return zip(String(cString: text).split(separator: " "), values).map { term, value in
      let end = term.firstIndex { "<>=".contains($0) } ?? term.endIndex
      let column = term[..<end] == "rowid" ? SQLColumn.rowID : table.columns.firstIndex { $0.name == term[..<end] }
      guard let column, let comparison = Comparison(rawValue: String(term[end...].dropLast())) else {
        preconditionFailure("a plan of another table: \(term)")
      }
      return SQLTerm(column: column, comparison: comparison, value: value)
    }
  }

  private static func name(_ column: Int, _ table: any SQLTable) -> String {
    column == SQLColumn.rowID ? "rowid" : table.columns[column].name
  }

  /// The last bit of SQLite's mask stands for every column from it on.
  private static func costly(_ table: any SQLTable, _ used: UInt64) -> [String] {
    let read = table.columns.indices.filter {
      table.columns[$0].isCostly && used & (1 << UInt64(min($0, 63))) != 0
    }
    guard !read.isEmpty else { return [] }
    let all = read.count > 8 && read.count == table.columns.filter(\.isCostly).count
    return [reads] + (all ? ["all"] : read.map { table.columns[$0].name })
  }
}

extension Comparison {
  init?(_ code: UInt8) {
    switch Int32(code) {
    case SQLITE_INDEX_CONSTRAINT_EQ: self = .equal
    case SQLITE_INDEX_CONSTRAINT_GT: self = .greater
    case SQLITE_INDEX_CONSTRAINT_LE: self = .atMost
    case SQLITE_INDEX_CONSTRAINT_LT: self = .less
    case SQLITE_INDEX_CONSTRAINT_GE: self = .atLeast
    default: return nil
    }
  }
}
