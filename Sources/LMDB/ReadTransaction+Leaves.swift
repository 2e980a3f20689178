import CLMDB

extension ReadTransaction {
  /// The leaves that may hold keys of a database that begin with `prefix`; `nil` where its pages cannot be followed.
  ///
  /// Reads the tree's branches: a page for some hundred leaves.
  public borrowing func leaves<K, V>(of database: Database<K, V>, prefix: [UInt8]) throws(LMDBError) -> TreeLeaves? {
    guard let record = try record(of: database) else { return nil }
    let (descriptor, pageSize) = try file()
    return TreeLeaves(of: record, prefix: prefix, descriptor: descriptor, pageSize: pageSize)
  }

  /// A database's tree, to be read while the transaction is open.
  public borrowing func tree<K, V>(of database: Database<K, V>) throws(LMDBError) -> MappedTree {
    let (descriptor, pageSize) = try file()
    let pages = PageSource(descriptor: descriptor, pageSize: pageSize)
    pages.map = mapStart(pageSize: pageSize)
    guard pages.map != nil, let record = try record(of: database) else {
      throw LMDBError(.corrupted, call: "read the record of \(database.name)", path: environment.path)
    }
    return MappedTree(pages, record, path: environment.path)
  }

  private borrowing func record<K, V>(of database: Database<K, V>) throws(LMDBError) -> TreeRecord? {
    // Database 1 is liblmdb's list of the others: name -> record.
    let cursor = try Cursor(handle, 1, environment)
    return try TextCodec.withBytes(of: database.name) { name throws(LMDBError) -> TreeRecord? in
      guard let (key, value) = try cursor.seek(name), key.elementsEqual(name), value.count == TreeRecord.bytes else {
        return nil
      }
      let record = TreeRecord(value, at: 0)
      return record.flags == 0 ? record : nil
    }
  }

  private borrowing func file() throws(LMDBError) -> (descriptor: Int32, pageSize: Int) {
    var (descriptor, statistics): (Int32, MDB_stat) = (-1, MDB_stat())
    try environment.check(mdb_env_get_fd(environment.handle, &descriptor), "mdb_env_get_fd")
    try environment.check(mdb_env_stat(environment.handle, &statistics), "mdb_env_stat")
    return (descriptor, Int(statistics.ms_psize))
  }
}
