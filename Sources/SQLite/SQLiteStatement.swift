import CSQLite

/// A value of a row.
public enum SQLiteValue: Equatable, Sendable {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
  case blob([UInt8])
}

/// A prepared statement and, between `step` and the next one, a row.
public final class SQLiteStatement {
  private let statement: OpaquePointer
  private let database: SQLiteDatabase

  init(_ database: SQLiteDatabase, _ statement: OpaquePointer) {
    (self.database, self.statement) = (database, statement)
  }

  deinit { sqlite3_finalize(statement) }

  /// 0 for a statement that gives no rows.
  public var columnCount: Int { Int(sqlite3_column_count(statement)) }

  public func name(of column: Int) -> String { String(cString: sqlite3_column_name(statement, Int32(column))) }

  /// The declared type of the table's column that this one is; `nil` for expressions.
  public func declaredType(of column: Int) -> String? {
    sqlite3_column_decltype(statement, Int32(column)).map { String(cString: $0) }
  }

  /// Binds a value to the parameter of a number from 1.
  public func bind(_ value: SQLiteValue, at index: Int) throws(SQLiteError) {
    let place = Int32(index)
    // SQLITE_TRANSIENT, which the importer does not know: SQLite copies.
    let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    let code =
      switch value {
      case .null: sqlite3_bind_null(statement, place)
      case .integer(let value): sqlite3_bind_int64(statement, place, value)
      case .real(let value): sqlite3_bind_double(statement, place, value)
      case .text(let value): sqlite3_bind_text(statement, place, value, -1, copied)
      case .blob(let value): sqlite3_bind_blob(statement, place, value, Int32(value.count), copied)
      }
    guard code == SQLITE_OK else { throw database.error() }
  }

  /// Moves to the next row; `false`: there is none.
  public func step() throws(SQLiteError) -> Bool {
    switch sqlite3_step(statement) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default: throw database.error()
    }
  }

  /// To be stepped through again; bound values stay.
  public func reset() { sqlite3_reset(statement) }

  public subscript(_ column: Int) -> SQLiteValue {
    let place = Int32(column)
    switch sqlite3_column_type(statement, place) {
    case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement, place))
    case SQLITE_FLOAT: return .real(sqlite3_column_double(statement, place))
    case SQLITE_TEXT:
      let bytes = UnsafeRawBufferPointer(
        start: sqlite3_column_text(statement, place), count: Int(sqlite3_column_bytes(statement, place)))
      return .text(String(decoding: bytes, as: UTF8.self))
    case SQLITE_BLOB:
      let start = sqlite3_column_blob(statement, place)
      return .blob(
        [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, place)))))
    default: return .null
    }
  }

  /// Every row that is left.
  public func rows() throws(SQLiteError) -> [[SQLiteValue]] {
    var rows: [[SQLiteValue]] = []
    while try step() { rows.append((0..<columnCount).map { self[$0] }) }
    return rows
  }
}
