import LoamQuery
import LoamSchema
import LoamStore

/// The rows of an ID space or an embedding table.
///
/// ```
///   ids_item            id, number, count, count_train, first_train, last_train
///   embedding_ctr_item  id, number, vector, norm, weight, ...
/// ```
///
/// `number`, and the row number, is the 64-bit ID as SQLite's signed integer: a row is found by either at once. Rows come
/// in the order of the store. Columns that are one number wide are numbers; wider ones are BLOBs, of f32 where they are
/// real.
final class IDRowsTable: SQLTable {
  /// What a column shows.
  enum Content {
    case id, number
    /// Occurrences in all logs: the sum of these columns.
    case total([Int])
    /// A column that is one number wide.
    case scalar(Int)
    /// A time of a log, absent where the count of that log is 0.
    case time(Int, count: Int)
    /// Elements of a column, as f32; `isSettled`: with the decay that is due.
    case reals(Int, isSettled: Bool)
    case bytes(Int)
    /// Euclidean norm of a column of reals.
    case norm(Int, isSettled: Bool)
  }
  let view: StoreView
  let name: TableName
  let columns: [SQLColumn]
  let contents: [Content]
  let rowCount: Int

  init(_ view: StoreView, _ name: TableName) throws(SQLError) {
    (self.view, self.name) = (view, name)
    let spec = try view.spec(name)
    rowCount = Int(clamping: view.snapshot.record.tables[name.description]?.rows ?? 0)
    let isEmbedding = name.kind == .embedding
    let isDecaying = isEmbedding && spec.column("decay") != nil
    let isString = try view.naming(space: name.name.split(separator: "/").last.map(String.init) ?? "").isString
    var found: [(name: String, type: String, content: Content)] = [
      ("id", isString ? "TEXT" : "INTEGER", .id), ("number", "INTEGER", .number),
    ]
    let counts = spec.columns.indices.filter { spec.columns[$0].name.hasPrefix("count/") }
    if name.kind == .ids { found.append(("count", "INTEGER", .total(counts))) }
    for (index, column) in spec.columns.enumerated() {
      let isSettled = isDecaying && (column.name == "vector" || column.name == "weight")
      let entry = Self.content(index, column, isSettled: isSettled, spec)
      found.append((column.name, entry.type, entry.content))
      if isEmbedding, column.name == "vector", case .reals = entry.content {
        found.append(("norm", "REAL", .norm(index, isSettled: isSettled)))
      }
    }
    columns = zip(SQLNames.unique(found.map(\.name)), found).map { name, entry in
      var isCostly = false
      switch entry.content {
      case .reals, .bytes, .norm: isCostly = true
      default: break
      }
      return SQLColumn(name: name, type: entry.type, isCostly: isCostly)
    }
    contents = found.map(\.content)
  }

  private static func content(
    _ index: Int, _ column: ColumnSpec, isSettled: Bool, _ spec: TableSpec
  ) -> (type: String, content: Content) {
    switch column.type {
    case .bytes: return ("BLOB", .bytes(index))
    case .f16, .bf16, .i8: return ("BLOB F32(\(column.width))", .reals(index, isSettled: isSettled))
    case .f32 where column.width > 1 || isSettled || column.name == "vector":
      return ("BLOB F32(\(column.width))", .reals(index, isSettled: isSettled))
    case .f32, .f64: return column.width == 1 ? ("REAL", .scalar(index)) : ("BLOB", .bytes(index))
    default: break
    }
    guard column.width == 1 else { return ("BLOB", .bytes(index)) }
    let log = column.name.split(separator: "/", maxSplits: 1).last ?? ""
    if column.name == "first/\(log)" || column.name == "last/\(log)",
      let count = spec.columns.firstIndex(where: { $0.name == "count/\(log)" })
    {
      return ("INTEGER", .time(index, count: count))
    }
    return ("INTEGER", .scalar(index))
  }

  func use(of column: Int, _ comparison: Comparison) -> ConstraintUse? {
    if column == SQLColumn.rowID { return comparison == .equal ? .init(rows: 1, isExact: true, isKey: true) : nil }
    switch contents[column] {
    case .id, .number:
      return comparison == .equal ? ConstraintUse(rows: 1, isExact: true, isKey: true) : nil
    case .total, .scalar:
      // Rows are passed over where they lie; SQLite compares those that are left once more.
      return ConstraintUse(rows: max(1, rowCount / (comparison == .equal ? 10 : 2)), isExact: false)
    default: return nil
    }
  }

  func cursor() throws(SQLError) -> any SQLCursor { try IDRowsCursor(self) }
}
