import LMDB

extension Environment {
  /// A database that a store's environment has, or is made with.
  func database<K, V>(_ name: String, create: Bool, otherwise reason: StoreError.Reason, _ what: String)
    throws(StoreError) -> Database<K, V>
  {
    let found: Database<K, V>? = try lmdb { () throws(LMDBError) in try openDatabase(name, create: create) }
    guard let found else {
      throw StoreError(
        reason, "\(path) has no database \(name): this is not \(what) of Loam", hint: StoreError.restore)
    }
    return found
  }
}
