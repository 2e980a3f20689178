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

/// A handle opened in a transaction belongs to the environment only once that transaction has committed.
private struct OpeningTransaction: ~Copyable {
  let handle: OpaquePointer
  let environment: Environment
  private var isOpen = true

  init(_ environment: Environment, readOnly: Bool) throws(LMDBError) {
    environment.gate.enter()
    var handle: OpaquePointer?
    let status = mdb_txn_begin(environment.handle, nil, readOnly ? UInt32(MDB_RDONLY) : 0, &handle)
    guard status == MDB_SUCCESS, let handle else {
      environment.gate.leave()
      throw LMDBError(LMDBError.code(for: status), call: "mdb_txn_begin", path: environment.path)
    }
    self.handle = handle
    self.environment = environment
  }

  consuming func commit() throws(LMDBError) {
    isOpen = false
    try environment.check(mdb_txn_commit(handle), "mdb_txn_commit")
  }

  deinit {
    if isOpen { mdb_txn_abort(handle) }
    environment.gate.leave()
  }
}
