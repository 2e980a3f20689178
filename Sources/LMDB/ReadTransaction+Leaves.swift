import CLMDB

extension ReadTransaction {
  /// The leaves that may hold keys of a database that begin with `prefix`; `nil` where its pages cannot be followed.
  ///
  /// Reads the tree's branches: a page for some hundred leaves.
  public borrowing func leaves<K, V>(of database: Database<K, V>, prefix: [UInt8]) throws(LMDBError) -> TreeLeaves? {
    // Database 1 is liblmdb's list of the others: name -> record.
    let cursor = try Cursor(handle, 1, environment)
    let found = try TextCodec.withBytes(of: database.name) { name throws(LMDBError) -> TreeRecord? in
      guard let (key, value) = try cursor.seek(name), key.elementsEqual(name), value.count == TreeRecord.bytes else {
        return nil
      }
      return TreeRecord(value, at: 0)
    }
    guard let record = found, record.flags == 0 else { return nil }
    var (descriptor, statistics): (Int32, MDB_stat) = (-1, MDB_stat())
    try environment.check(mdb_env_get_fd(environment.handle, &descriptor), "mdb_env_get_fd")
    try environment.check(mdb_env_stat(environment.handle, &statistics), "mdb_env_stat")
    return TreeLeaves(of: record, prefix: prefix, descriptor: descriptor, pageSize: Int(statistics.ms_psize))
  }
}
