import LMDB

/// One shard's environment: blocks, and the list of what each stamp changed.
final class Shard: Sendable {
  let number: Int
  let environment: Environment
  /// "store", "shard", "shards" -> numbers that must match the catalog's store; "lastPut": the highest stamp put here.
  let identity: Catalog.Numbers
  let blocks: RawDatabase
  /// Open for reading alone, the shard's pages of these are looked at by `environment.checkUnread()`, before their use.
  let changes: RawDatabase

  init(path: String, number: Int, mapBytes: Int, readOnly: Bool, create: Bool) throws(StoreError) {
    self.number = number
    // What a lookup never follows need not be sound before the first one.
    let pages = Environment.PageScope.keys(
      leavesMax: Environment.leavesMax, unread: readOnly ? [Self.changesName] : [])
    let environment = try lmdb { () throws(LMDBError) in
      try Environment(
        path: path,
        options: .init(mapSizeBytes: mapBytes, readOnly: readOnly, create: create, checkedPages: pages))
    }
    self.environment = environment
    func open<K, V>(_ name: String) throws(StoreError) -> Database<K, V> {
      try environment.database(name, create: create, otherwise: .oldCopy, "a shard")
    }
    identity = try open("identity")
    blocks = try open("blocks")
    changes = try open(Self.changesName)
  }

  private static let changesName = "changes"

  /// A shard of another store, or in another's place, is refused and never cleaned.
  func checkIdentity(storeHash: UInt64, shards: Int) throws(StoreError) {
    let found = try lmdb { () throws(LMDBError) in
      try environment.read { transaction throws(LMDBError) in
        (
          try transaction.get("store", in: identity), try transaction.get("shard", in: identity),
          try transaction.get("shards", in: identity)
        )
      }
    }
    guard found == (storeHash, UInt64(number), UInt64(shards)) else {
      throw StoreError(
        .oldCopy, "\(environment.path) belongs to another store or another place in this one",
        hint: "Put back the shard that belongs here, or restore the store from a backup.")
    }
  }
}

extension Transaction where Self: ~Copyable {
  /// A key of another form is damage: passed over, it would hide the blocks behind it.
  func blockKey(_ bytes: UnsafeRawBufferPointer) throws(LMDBError) -> BlockKey {
    guard let key = BlockKey(bytes) else {
      throw LMDBError(.corrupted, call: "read a block's key", path: environment.path)
    }
    return key
  }

  func lastPut(_ shard: Shard) throws(LMDBError) -> Stamp { try get("lastPut", in: shard.identity) ?? 0 }

  /// The block's newest stamp up to `stamp` with its value; `nil` where there is none.
  func newest(_ address: BlockAddress, upTo stamp: Stamp, in shard: Shard) throws(LMDBError)
    -> (stamp: Stamp, value: UnsafeRawBufferPointer)?
  {
    try withCursor(shard.blocks) { cursor throws(LMDBError) in
      try BlockKey(address, stamp).withBytes { bytes throws(LMDBError) in
        guard let found = try cursor.seekBack(bytes) else { return nil }
        let key = try blockKey(found.key)
        return key.address == address ? (key.stamp, found.value) : nil
      }
    }
  }
}
