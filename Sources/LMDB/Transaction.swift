import CLMDB
import Glibc

/// What read and write transactions have in common: gets and cursors.
public protocol Transaction: ~Copyable {
  var handle: OpaquePointer { get }
  var environment: Environment { get }
}

extension Transaction where Self: ~Copyable {
  /// The bytes at a key, pointing into the map; `nil` where there is none.
  ///
  /// Valid until the transaction ends, and in a write transaction until its next write.
  public func bytes<K, V>(at key: UnsafeRawBufferPointer, in database: Database<K, V>) throws(LMDBError)
    -> UnsafeRawBufferPointer?
  {
    var key = MDB_val(key)
    var value = MDB_val()
    let status = mdb_get(handle, database.number, &key, &value)
    if status == MDB_NOTFOUND { return nil }
    try environment.check(status, "mdb_get")
    return UnsafeRawBufferPointer(value)
  }

  /// The value at a key; `nil` where there is none. A value that is not of its codec's form throws `corrupted`.
  public func get<K, V>(_ key: K.Element, in database: Database<K, V>) throws(LMDBError) -> V.Element? {
    try K.withBytes(of: key) { bytes throws(LMDBError) in
      guard let value = try self.bytes(at: bytes, in: database) else { return nil }
      guard let element = V.decode(value) else {
        throw LMDBError(.corrupted, call: "decode \(database.name)", path: environment.path)
      }
      return element
    }
  }

  /// Whether there is a value at the key.
  public func has<K, V>(_ key: K.Element, in database: Database<K, V>) throws(LMDBError) -> Bool {
    try K.withBytes(of: key) { bytes throws(LMDBError) in try self.bytes(at: bytes, in: database) != nil }
  }

  /// Every entry in key order.
  public func entries<K, V>(of database: Database<K, V>) throws(LMDBError) -> [(key: K.Element, value: V.Element)] {
    try withCursor(database) { cursor throws(LMDBError) in
      var found: [(K.Element, V.Element)] = []
      var entry = try cursor.first()
      while let (key, value) = entry {
        guard let key = K.decode(key), let value = V.decode(value) else {
          throw LMDBError(.corrupted, call: "decode \(database.name)", path: environment.path)
        }
        found.append((key, value))
        entry = try cursor.next()
      }
      return found
    }
  }

  public func withCursor<K, V, R>(
    _ database: Database<K, V>, _ body: (borrowing Cursor) throws(LMDBError) -> R
  ) throws(LMDBError) -> R {
    let cursor = try Cursor(handle, database.number, environment)
    return try body(cursor)
  }

  /// The number of entries.
  public func count<K, V>(of database: Database<K, V>) throws(LMDBError) -> Int {
    var statistics = MDB_stat()
    try environment.check(mdb_stat(handle, database.number, &statistics), "mdb_stat")
    return statistics.ms_entries
  }
}

/// A snapshot of one environment. Ends when it goes out of scope.
public struct ReadTransaction: ~Copyable, Transaction {
  public let handle: OpaquePointer
  public let environment: Environment

  init(_ environment: Environment) throws(LMDBError) {
    handle = try environment.begin(flags: UInt32(MDB_RDONLY))
    self.environment = environment
  }

  deinit {
    mdb_txn_abort(handle)
    environment.leave()
  }
}

/// The one write transaction that an environment can have. Begins, runs and ends on one thread.
public struct WriteTransaction: ~Copyable, Transaction {
  public let handle: OpaquePointer
  public let environment: Environment
  private var isOpen = true

  init(_ environment: Environment) throws(LMDBError) {
    handle = try environment.begin(flags: 0)
    self.environment = environment
  }

  /// Makes the writes durable and visible. liblmdb frees the transaction whatever the outcome.
  consuming func commit() throws(LMDBError) {
    isOpen = false
    try environment.check(mdb_txn_commit(handle), "mdb_txn_commit")
  }

  deinit {
    if isOpen { mdb_txn_abort(handle) }
    environment.leave()
  }

  public borrowing func put<K, V>(
    _ value: UnsafeRawBufferPointer, at key: UnsafeRawBufferPointer, in database: Database<K, V>
  ) throws(LMDBError) {
    try reserve(value.count, at: key, in: database) { space in
      if value.count > 0 { space.copyMemory(from: value) }
    }
  }

  /// Puts a value of `count` bytes that `fill` writes straight into the page.
  public borrowing func reserve<K, V>(
    _ count: Int, at key: UnsafeRawBufferPointer, in database: Database<K, V>,
    fill: (UnsafeMutableRawBufferPointer) -> Void
  ) throws(LMDBError) {
    // A key that points into the map may move under the put, so liblmdb gets a copy.
    let status = withUnsafeTemporaryAllocation(byteCount: max(key.count, 1), alignment: 8) { copy -> Int32 in
      copy.copyBytes(from: key)
      var keyValue = MDB_val(mv_size: key.count, mv_data: copy.baseAddress)
      var space = MDB_val(mv_size: count, mv_data: nil)
      let status = mdb_put(handle, database.number, &keyValue, &space, UInt32(MDB_RESERVE))
      if status == MDB_SUCCESS { fill(UnsafeMutableRawBufferPointer(start: space.mv_data, count: count)) }
      return status
    }
    try environment.check(status, "mdb_put")
  }

  public borrowing func put<K, V>(_ value: V.Element, at key: K.Element, in database: Database<K, V>)
    throws(LMDBError)
  {
    let (handle, environment) = (handle, environment)
    try K.withBytes(of: key) { keyBytes throws(LMDBError) in
      try V.withBytes(of: value) { valueBytes throws(LMDBError) in
        var key = MDB_val(keyBytes)
        var value = MDB_val(valueBytes)
        try environment.check(mdb_put(handle, database.number, &key, &value, 0), "mdb_put")
      }
    }
  }

  /// `false` where there was no such key.
  @discardableResult
  public borrowing func delete<K, V>(_ key: K.Element, in database: Database<K, V>) throws(LMDBError) -> Bool {
    let (handle, environment) = (handle, environment)
    return try K.withBytes(of: key) { bytes throws(LMDBError) in
      try Self.delete(bytes, database.number, handle, environment)
    }
  }

  @discardableResult
  public borrowing func delete<K, V>(at key: UnsafeRawBufferPointer, in database: Database<K, V>)
    throws(LMDBError) -> Bool
  {
    try Self.delete(Array(key), database.number, handle, environment)
  }

  private static func delete(_ key: [UInt8], _ number: MDB_dbi, _ handle: OpaquePointer, _ environment: Environment)
    throws(LMDBError) -> Bool
  {
    try BytesCodec.withBytes(of: key) { bytes throws(LMDBError) in
      try delete(bytes, number, handle, environment)
    }
  }

  private static func delete(
    _ key: UnsafeRawBufferPointer, _ number: MDB_dbi, _ handle: OpaquePointer, _ environment: Environment
  ) throws(LMDBError) -> Bool {
    var key = MDB_val(key)
    let status = mdb_del(handle, number, &key, nil)
    if status == MDB_NOTFOUND { return false }
    try environment.check(status, "mdb_del")
    return true
  }
}

extension MDB_val {
  init(_ bytes: UnsafeRawBufferPointer) {
    self.init(mv_size: bytes.count, mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
  }
}

extension UnsafeRawBufferPointer {
  init(_ value: MDB_val) { self.init(start: value.mv_data, count: value.mv_size) }
}
