import CSQLite

private typealias EntryPoint =
  @convention(c) (
    OpaquePointer?, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, UnsafeRawPointer?
  ) -> Int32

// Written by the initialisation of `functions` alone, which runs once.
nonisolated(unsafe) private var captured: UnsafeRawPointer?

/// A connection to a database of SQLite: in memory, or a file.
///
/// ```swift
/// let database = try SQLiteDatabase()
/// let statement = try database.prepare("SELECT 1 + 1")
/// while try statement.step() { print(statement[0]) }
/// ```
///
/// One thread at a time.
public final class SQLiteDatabase {
  public let handle: OpaquePointer

  /// The functions of the linked SQLite as it hands them to extensions; `nil` where memory is short.
  // Of a table that libsqlite3 never changes.
  nonisolated(unsafe) public static let functions: UnsafeRawPointer? = {
    // SQLite gives its table to nobody but the entry points of extensions.
    let entry: EntryPoint = { _, _, functions in
      captured = functions
      return SQLITE_OK
    }
    let automatic = unsafeBitCast(entry, to: (@convention(c) () -> Void).self)
    sqlite3_auto_extension(automatic)
    var handle: OpaquePointer?
    sqlite3_open_v2(":memory:", &handle, SQLITE_OPEN_READWRITE, nil)
    sqlite3_close_v2(handle)
    sqlite3_cancel_auto_extension(automatic)
    return captured
  }()

  /// - Parameter path: a file; in memory without one.
  public init(path: String = ":memory:") throws(SQLiteError) {
    var handle: OpaquePointer?
    let code = sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nil)
    guard code == SQLITE_OK, let handle else {
      let error = SQLiteError(code, handle.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory")
      sqlite3_close_v2(handle)
      throw error
    }
    self.handle = handle
  }

  deinit { sqlite3_close_v2(handle) }

  public func execute(_ sql: String) throws(SQLiteError) {
    guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw error() }
  }

  /// The first statement of the text.
  public func prepare(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
    var rest = sql[...]
    guard let statement = try next(of: &rest) else { throw SQLiteError(SQLITE_ERROR, "there is no statement") }
    return statement
  }

  /// Takes the first statement off a text of several; `nil`: nothing but blanks and comments is left.
  public func next(of text: inout Substring) throws(SQLiteError) -> SQLiteStatement? {
    while !text.isEmpty {
      var statement: OpaquePointer?
      var used = 0
      let code = String(text).withCString { start in
        var end: UnsafePointer<CChar>?
        let code = sqlite3_prepare_v2(handle, start, -1, &statement, &end)
        used = end.map { $0 - start } ?? 0
        return code
      }
      guard code == SQLITE_OK else { throw error() }
      text = text.utf8.dropFirst(used).isEmpty ? "" : text[text.utf8.index(text.startIndex, offsetBy: used)...]
      if let statement { return SQLiteStatement(self, statement) }
      if used == 0 { return nil }
    }
    return nil
  }

  func error() -> SQLiteError { SQLiteError(sqlite3_extended_errcode(handle), String(cString: sqlite3_errmsg(handle))) }
}
