import CLMDB

extension Environment {
  /// Runs `body` on a snapshot of the environment.
  public func read<R>(_ body: (borrowing ReadTransaction) throws(LMDBError) -> R) throws(LMDBError) -> R {
    let transaction = try ReadTransaction(self)
    return try body(transaction)
  }

  /// Runs `body` in the environment's write transaction and commits; an error of `body` or of the commit undoes all.
  ///
  /// An error of the commit itself can mean that the writes are durable all the same: see protocol.md, section 3.
  public func write<R>(_ body: (borrowing WriteTransaction) throws(LMDBError) -> R) throws(LMDBError) -> R {
    let transaction = try WriteTransaction(self)
    let result = try body(transaction)
    try transaction.commit()
    return result
  }

  /// Opens a database, creating it first if asked to. Once for each database, before the transactions that use it.
  public func openDatabase<K, V>(_ name: String, _: Database<K, V>.Type = Database<K, V>.self, create: Bool)
    throws(LMDBError) -> Database<K, V>?
  {
    let transaction = try OpeningTransaction(self, readOnly: !create)
    var number: MDB_dbi = 0
    let status = mdb_dbi_open(transaction.handle, name, create ? UInt32(MDB_CREATE) : 0, &number)
    if status == MDB_NOTFOUND { return nil }
    try check(status, "mdb_dbi_open \(name)")
    try transaction.commit()
    return Database(number: number, name: name)
  }
}

extension Environment {
  /// Begins a transaction inside the gate; the caller leaves the gate when the transaction has ended.
  func begin(flags: UInt32) throws(LMDBError) -> OpaquePointer {
    gate.enter()
    precondition(!isClosing.withLock { $0 }, "\(path) has been closed")
    var handle: OpaquePointer?
    var status = mdb_txn_begin(self.handle, nil, flags, &handle)
    if status == MDB_READERS_FULL {
      // Slots of killed processes are freed before the caller hears of full ones.
      mdb_reader_check(self.handle, nil)
      status = mdb_txn_begin(self.handle, nil, flags, &handle)
    }
    if status == MDB_MAP_RESIZED {
      // Another process has grown the map: its size is taken over as soon as no pointer of ours lies in the old one.
      gate.leave()
      try grow(toBytes: nil, timeoutSeconds: Self.adoptTimeoutSeconds)
      gate.enter()
      status = mdb_txn_begin(self.handle, nil, flags, &handle)
    }
    guard status == MDB_SUCCESS, let handle else {
      gate.leave()
      throw LMDBError(LMDBError.code(for: status), call: "mdb_txn_begin", path: path)
    }
    return handle
  }

  private static let adoptTimeoutSeconds = 5.0
}

/// A handle opened in a transaction belongs to the environment only once that transaction has committed.
private struct OpeningTransaction: ~Copyable {
  let handle: OpaquePointer
  let environment: Environment
  private var isOpen = true

  init(_ environment: Environment, readOnly: Bool) throws(LMDBError) {
    handle = try environment.begin(flags: readOnly ? UInt32(MDB_RDONLY) : 0)
    self.environment = environment
  }

  consuming func commit() throws(LMDBError) {
    isOpen = false
    try environment.check(mdb_txn_commit(handle), "mdb_txn_commit")
  }

  deinit {
    if isOpen { mdb_txn_abort(handle) }
    environment.leave()
  }
}
