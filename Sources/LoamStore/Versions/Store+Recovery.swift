import LMDB

extension Store {
  /// Finishes what abandoned writes and dead writers left (protocol.md, section 4). Safe beside living ones.
  public func recover() throws(StoreError) {
    _ = try requireWritable()
    let entries = try catalog.read { transaction throws(LMDBError) in try transaction.entries(of: catalog.writes) }
    for (stamp, entry) in entries { try cleanIfOver(stamp, entry) }
    let left = try catalog.read { transaction throws(LMDBError) in try transaction.entries(of: catalog.writes) }
    Owner.removeDeadFiles(layout, except: Set(left.map(\.value.owner)))
  }

  /// The same for the writes that lease one of these tables: what `begin` does when it meets a lease.
  func recoverLeases(of tables: [TableName]) throws(StoreError) {
    let held = try catalog.read { transaction throws(LMDBError) in
      var held: [(Stamp, WriteEntry)] = []
      for table in tables {
        guard let stamp = try transaction.get(table.description, in: catalog.leases),
          let entry = try transaction.get(stamp, in: catalog.writes)
        else { continue }
        held.append((stamp, entry))
      }
      return held
    }
    for (stamp, entry) in held { try cleanIfOver(stamp, entry) }
  }

  private func cleanIfOver(_ stamp: Stamp, _ entry: WriteEntry) throws(StoreError) {
    if entry.abandoned || givenUp.withLock({ $0.contains(stamp) }) {
      try clean(stamp)
    } else if entry.owner != owner?.token {
      _ = try Owner.ifDead(entry.owner, layout) { () throws(StoreError) in try clean(stamp) }
    }
  }

  func markAbandoned(_ stamp: Stamp) throws(StoreError) {
    try catalog.write { transaction throws(LMDBError) in
      if var entry = try transaction.get(stamp, in: catalog.writes) {
        entry.abandoned = true
        try transaction.put(entry, at: stamp, in: catalog.writes)
      }
      return .success(())
    }
  }

  /// Removes what a write that is over put, then its entry and leases. May be repeated, or cut off anywhere.
  func clean(_ stamp: Stamp) throws(StoreError) {
    let found = try catalog.read { transaction throws(LMDBError) in
      (
        try transaction.get(stamp, in: catalog.writes),
        try transaction.entries(of: catalog.tables).map(\.value)
      )
    }
    guard let entry = found.0 else { return }
    for shard in shards {
      switch entry.kind {
      case .write: try removeBlocks(of: stamp, shard)
      case .drop:
        for (name, floor) in entry.floors {
          guard let spec = found.1.first(where: { $0.name.description == name }) else { continue }
          try removeBlocks(of: spec.number, above: floor, below: stamp, shard)
        }
      case .hold: break
      }
    }
    FailurePoint.reach("clean.before-catalog")
    try catalog.write { transaction throws(LMDBError) in
      guard try transaction.delete(stamp, in: catalog.writes) else { return .success(()) }
      for name in entry.tables where try transaction.get(name, in: catalog.leases) == stamp {
        try transaction.delete(name, in: catalog.leases)
      }
      try applyRetention(transaction)
      return .success(())
    }
    _ = givenUp.withLock { $0.remove(stamp) }
  }

  /// Blocks removed in one transaction: bounds its dirty pages.
  fileprivate static let removalsMax = 4_096

  private func removeBlocks(of stamp: Stamp, _ shard: Shard) throws(StoreError) {
    var more = true
    while more {
      more = try lmdb { () throws(LMDBError) in
        try shard.environment.write { transaction throws(LMDBError) in
          let keys = try transaction.changes(of: stamp, max: Self.removalsMax, shard)
          for key in keys { try transaction.remove(key, shard) }
          FailurePoint.reach("clean.before-commit")
          return keys.count == Self.removalsMax
        }
      }
    }
  }

  /// The upper bound matters: a slow second cleaner may arrive when the table has a new write, above `stamp`.
  private func removeBlocks(of table: UInt32, above floor: Stamp, below stamp: Stamp, _ shard: Shard)
    throws(StoreError)
  {
    var start: BlockKey? = BlockKey(BlockAddress(table: table, column: 0, block: 0), 0)
    while let from = start {
      start = try lmdb { () throws(LMDBError) in
        try shard.environment.write { transaction throws(LMDBError) in
          let (keys, next) = try transaction.blocks(from: from, above: floor, below: stamp, shard)
          for key in keys { try transaction.remove(key, shard) }
          FailurePoint.reach("clean.before-commit")
          return next
        }
      }
    }
  }
}

extension WriteTransaction {
  /// Removes a block and its entry in `changes`.
  borrowing func remove(_ key: BlockKey, _ shard: Shard) throws(LMDBError) {
    try key.withBytes { bytes throws(LMDBError) in _ = try self.delete(at: bytes, in: shard.blocks) }
    try key.withChangeBytes { bytes throws(LMDBError) in _ = try self.delete(at: bytes, in: shard.changes) }
  }
}

extension Transaction where Self: ~Copyable {
  func changes(of stamp: Stamp, max: Int, _ shard: Shard) throws(LMDBError) -> [BlockKey] {
    try withCursor(shard.changes) { cursor throws(LMDBError) in
      var keys: [BlockKey] = []
      let start = BlockKey(BlockAddress(table: 0, column: 0, block: 0), stamp)
      var entry = try start.withChangeBytes { bytes throws(LMDBError) in try cursor.seek(bytes) }
      while keys.count < max, let (bytes, _) = entry, let key = BlockKey(change: bytes), key.stamp == stamp {
        keys.append(key)
        entry = try cursor.next()
      }
      return keys
    }
  }

  /// Blocks of a table between two stamps among the next ones from a key, and where to go on; `nil`: that was the end.
  func blocks(from start: BlockKey, above floor: Stamp, below stamp: Stamp, _ shard: Shard)
    throws(LMDBError) -> (found: [BlockKey], next: BlockKey?)
  {
    try withCursor(shard.blocks) { cursor throws(LMDBError) in
      var found: [BlockKey] = []
      var entry = try start.withBytes { bytes throws(LMDBError) in try cursor.seek(bytes) }
      while let (bytes, _) = entry {
        let key = try blockKey(bytes)
        guard key.address.table == start.address.table else { break }
        if found.count == Store.removalsMax { return (found, key) }
        if key.stamp > floor, key.stamp < stamp { found.append(key) }
        entry = try cursor.next()
      }
      return (found, nil)
    }
  }
}
