import LMDB
import LoamSchema

extension Store {
  /// The commit point: one catalog transaction (protocol.md, section 3).
  ///
  /// The new record is the record of latest as it is now, not of the base: another writer's version stays in it.
  func publish(
    stamp: Stamp, owner: String, tables: [TableName], roots: [TableName: (delta: UInt128, rows: UInt64)],
    shardsPut: Set<Int>, _ options: PublishOptions
  ) throws(StoreError) -> (VersionRecord, next: Stamp?) {
    for name in options.tags + options.aliases { try Store.checkVersionName(name) }
    do throws(StoreError) {
      defer { clearStaleReaders() }
      return try catalog.write { transaction throws(LMDBError) in
        guard let entry = try transaction.get(stamp, in: catalog.writes), entry.owner == owner, !entry.abandoned else {
          return .failure(StoreError(.leaseLost, "the write with stamp \(stamp) is not open any more"))
        }
        let latest = try transaction.latest(catalog)
        var record = latest
        record.version = try transaction.take("nextVersion", catalog)
        record.parent = latest.version
        record.time = currentTime()
        record.note = options.note
        record.metrics = options.metrics
        record.transactions = try shards.map { (shard) throws(LMDBError) in
          try shard.environment.usage().lastTransaction
        }
        if let schema = options.schema { record.schema = schema }
        for name in tables {
          let old = latest.tables[name.description]
          precondition((old?.stamp ?? 0) < stamp, "\(name): a stamp never falls")
          let change = roots[name]
          record.tables[name.description] = VersionRecord.Table(
            stamp: stamp, root: Root((old?.root.value ?? 0) &+ (change?.delta ?? 0)),
            rows: change?.rows ?? old?.rows ?? 0)
        }
        guard record.shards.count == shardCount else {
          return .failure(StoreError(.badCatalog, "version \(latest.version) names \(record.shards.count) shards"))
        }
        // Another write with a higher stamp may have put there and published before.
        for shard in shardsPut { record.shards[shard] = max(record.shards[shard], stamp) }
        record.root = Root.of(record.tables)
        try transaction.put(record, at: record.version, in: catalog.versions)
        try transaction.put(record.version, at: "latest", in: catalog.state)
        for tag in options.tags {
          if let error = try setTag(tag, record.version, transaction) { return .failure(error) }
        }
        for alias in options.aliases {
          if let error = try setAlias(alias, record.version, transaction) { return .failure(error) }
        }
        var next: Stamp?
        try transaction.delete(stamp, in: catalog.writes)
        if options.goOn {
          let fresh = try transaction.take("nextStamp", catalog)
          next = fresh
          try transaction.put(
            WriteEntry(
              owner: owner, kind: .write, tables: entry.tables, bases: [record.version], floors: [:], abandoned: false),
            at: fresh, in: catalog.writes)
          for name in entry.tables { try transaction.put(fresh, at: name, in: catalog.leases) }
        } else {
          for name in entry.tables { try transaction.delete(name, in: catalog.leases) }
        }
        try applyRetention(transaction)
        FailurePoint.reach("publish.before-commit")
        return .success((record, next))
      }
    } catch {
      // A commit that failed for a reason of the system may be durable all the same: only reopening tells.
      if error.reason == .io || error.reason == .diskFull { failed.withLock { $0 = true } }
      throw error
    }
  }

  /// Frees the slots of readers that were killed: their snapshots keep pages from being used again, and the files of a
  /// writer that stays open for days would grow.
  private func clearStaleReaders() {
    for environment in [catalog.environment] + shards.map(\.environment) { _ = try? environment.clearStaleReaders() }
  }
}
