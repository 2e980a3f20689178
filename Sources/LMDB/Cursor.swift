import CLMDB

/// A place in a database's order of keys. Ends when it goes out of scope, before its transaction.
public struct Cursor: ~Copyable {
  public typealias Entry = (key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)

  private let handle: OpaquePointer
  private let environment: Environment

  init(_ transaction: OpaquePointer, _ database: MDB_dbi, _ environment: Environment) throws(LMDBError) {
    var handle: OpaquePointer?
    let status = mdb_cursor_open(transaction, database, &handle)
    guard status == MDB_SUCCESS, let handle else {
      throw LMDBError(LMDBError.code(for: status), call: "mdb_cursor_open", path: environment.path)
    }
    self.handle = handle
    self.environment = environment
  }

  deinit { mdb_cursor_close(handle) }

  public func first() throws(LMDBError) -> Entry? { try move(MDB_FIRST) }
  public func last() throws(LMDBError) -> Entry? { try move(MDB_LAST) }
  public func next() throws(LMDBError) -> Entry? { try move(MDB_NEXT) }
  public func previous() throws(LMDBError) -> Entry? { try move(MDB_PREV) }

  /// The first entry whose key is not less than `key`.
  public func seek(_ key: UnsafeRawBufferPointer) throws(LMDBError) -> Entry? { try move(MDB_SET_RANGE, MDB_val(key)) }

  /// The last entry whose key is not greater than `key`.
  public func seekBack(_ key: UnsafeRawBufferPointer) throws(LMDBError) -> Entry? {
    guard let found = try seek(key) else { return try last() }
    return found.key.elementsEqual(key) ? found : try previous()
  }

  private func move(_ operation: MDB_cursor_op, _ key: MDB_val = MDB_val()) throws(LMDBError) -> Entry? {
    var key = key
    var value = MDB_val()
    let status = mdb_cursor_get(handle, &key, &value, operation)
    if status == MDB_NOTFOUND { return nil }
    try environment.check(status, "mdb_cursor_get")
    return (UnsafeRawBufferPointer(key), UnsafeRawBufferPointer(value))
  }
}
