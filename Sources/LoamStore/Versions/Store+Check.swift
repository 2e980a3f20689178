import LMDB

extension Store {
  /// The statements of protocol.md, section 10, that a look at the catalog and the shards' keys can decide.
  ///
  /// Returns what does not hold, in words. `quiet`: nobody writes or reads and collection has finished, so that the
  /// blocks must be exactly what kept versions see.
  public func checkProtocol(quiet: Bool = false) throws(StoreError) -> [String] {
    let found = try problems(quiet: quiet)
    guard !found.isEmpty else { return [] }
    // Shards and catalog are read one after the other: what a living writer cleaned in between is gone at the next look.
    let again = Set(try problems(quiet: quiet))
    return found.filter(again.contains)
  }

  private func problems(quiet: Bool) throws(StoreError) -> [String] {
    typealias Found = (
      latest: UInt64, nextVersion: UInt64, nextStamp: UInt64, versions: [VersionRecord],
      writes: [Stamp: WriteEntry], leases: [String: Stamp], tables: [UInt32: String]
    )
    // Shards first: what they show then is at least as old as the catalog that judges it.
    let keys = try shards.map { shard throws(StoreError) in
      try lmdb { () throws(LMDBError) in
        try shard.environment.checkUnread()
        return try shard.environment.read { t throws(LMDBError) in try t.allKeys(shard) }
      }
    }
    let found = try catalog.read { t throws(LMDBError) -> Found in
      (
        try t.number("latest", catalog), try t.number("nextVersion", catalog), try t.number("nextStamp", catalog),
        try t.entries(of: catalog.versions).map(\.value),
        Dictionary(uniqueKeysWithValues: try t.entries(of: catalog.writes)),
        Dictionary(uniqueKeysWithValues: try t.entries(of: catalog.leases)),
        Dictionary(uniqueKeysWithValues: try t.entries(of: catalog.tables).map { ($0.value.number, $0.key) })
      )
    }
    var problems: [String] = []
    func expect(_ holds: Bool, _ problem: @autoclosure () -> String) { if !holds { problems.append(problem()) } }

    expect(found.versions.contains { $0.version == found.latest }, "latest is \(found.latest), which has no record")
    var before: [String: Stamp] = [:]
    for record in found.versions {
      expect(record.version < found.nextVersion, "version \(record.version) is not below nextVersion")
      for (name, table) in record.tables {
        expect(table.stamp < found.nextStamp, "\(name) in version \(record.version): its stamp is not below nextStamp")
        expect((before[name] ?? 0) <= table.stamp, "\(name): its stamp falls at version \(record.version)")
        before[name] = table.stamp
      }
    }
    for (name, stamp) in found.leases {
      expect(found.writes[stamp]?.tables.contains(name) == true, "the lease of \(name) names no entry of writes")
    }
    for (stamp, entry) in found.writes {
      for name in entry.tables {
        expect(found.leases[name] == stamp, "write \(stamp) names \(name) without leasing it")
      }
    }

    let latest = found.versions.last { $0.version == found.latest }
    for (shard, keys) in keys.enumerated() {
      expect(keys.unreadable == 0, "shard \(shard): \(keys.unreadable) keys are of no known form")
      var oldest: [BlockAddress: Stamp] = [:]
      for key in keys.blocks where key.stamp < oldest[key.address] ?? .max { oldest[key.address] = key.stamp }
      for key in keys.blocks {
        let name = found.tables[key.address.table] ?? "table \(key.address.table)"
        if key.stamp > latest?.tables[name]?.stamp ?? 0 {
          let leased = found.writes.contains { $0.value.tables.contains(name) }
          expect(leased, "shard \(shard): \(name) has an unpublished block, stamp \(key.stamp), and no write")
        }
        let hasEntry = keys.changes.contains(key)
        expect(
          hasEntry || oldest[key.address] == key.stamp,
          "shard \(shard): \(key.address), stamp \(key.stamp), has an older stamp beneath and no entry in changes")
      }
      guard quiet else { continue }
      expect(found.writes.isEmpty, "there are writes, so this is not a quiet store")
      let patches = keys.patches
      var seen: Set<BlockKey> = []
      let stamps = Dictionary(grouping: keys.blocks, by: \.address)
      for record in found.versions {
        for (address, keys) in stamps {
          guard let stamp = record.tables[found.tables[address.table] ?? ""]?.stamp else { continue }
          // Of patches all, down to the end of the chain.
          for key in keys.filter({ $0.stamp <= stamp }).sorted(by: { $0.stamp > $1.stamp }) {
            seen.insert(key)
            if !patches.contains(key) { break }
          }
        }
      }
      for key in keys.blocks where !seen.contains(key) {
        problems.append("shard \(shard): \(key.address), stamp \(key.stamp), is seen by no kept version")
      }
    }
    return problems
  }
}

extension Transaction where Self: ~Copyable {
  fileprivate func allKeys(_ shard: Shard) throws(LMDBError) -> (
    blocks: [BlockKey], patches: Set<BlockKey>, changes: Set<BlockKey>, unreadable: Int
  ) {
    var unreadable = 0
    var patches: Set<BlockKey> = []
    let blocks = try withCursor(shard.blocks) { cursor throws(LMDBError) in
      var keys: [BlockKey] = []
      var entry = try cursor.first()
      while let (bytes, value) = entry {
        if let key = BlockKey(bytes) {
          keys.append(key)
          if key.address.column & PatchPack.columnBit != 0, PatchPack.isPatch(value) { patches.insert(key) }
        } else {
          unreadable += 1
        }
        entry = try cursor.next()
      }
      return keys
    }
    let changes = try withCursor(shard.changes) { cursor throws(LMDBError) in
      var keys: Set<BlockKey> = []
      var entry = try cursor.first()
      while let (bytes, _) = entry {
        if let key = BlockKey(change: bytes) { keys.insert(key) } else { unreadable += 1 }
        entry = try cursor.next()
      }
      return keys
    }
    return (blocks, patches, changes, unreadable)
  }
}
