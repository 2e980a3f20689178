import LMDB

extension Store {
  /// A new version with the content of an older one; history stays (protocol.md, section 7).
  ///
  /// - Parameter tables: those that go back; `nil`: all, and what came later is emptied, so that the roots are equal.
  public func revert(to reference: VersionReference, tables: Set<TableName>? = nil) throws(StoreError) -> VersionRecord
  {
    let target = try snapshot(at: reference)
    let latest = try snapshot()
    let differing = latest.tables.filter { name in
      tables?.contains(name) ?? true
        && target.record.tables[name.description]?.stamp != latest.record.tables[name.description]?.stamp
    }
    FailurePoint.reach("revert.looked")
    let write = try begin(try latest.readableSpecs(Array(differing)), bases: [target.record.version])
    guard write.base.record.tables == latest.record.tables else {
      // Somebody published since the look at latest: what differs is to be found anew.
      write.abandon()
      return try revert(to: .number(target.record.version), tables: tables)
    }
    for name in differing {
      let number = write.spec(name).number
      for shard in 0..<shardCount {
        try write.putDifference(
          from: write.base, to: target, table: number, shard: shard)
      }
      let (base, wanted) = (write.base.record.tables[name.description], target.record.tables[name.description])
      write.setRoot(
        name, delta: (wanted?.root.value ?? 0) &- (base?.root.value ?? 0), rows: wanted?.rows ?? 0)
    }
    var options = PublishOptions(note: "revert to \(target.record.version)")
    if tables == nil { options.schema = target.record.schema }
    return try write.publish(options)
  }

  /// Makes an older version the latest and removes the newer ones for good (protocol.md, section 7).
  public func dropNewer(than reference: VersionReference) throws(StoreError) -> VersionRecord {
    let owner = try requireWritable()
    // Bases and leases of the dead would stand in the way.
    try recover()
    let (record, stamp) = try catalog.write {
      transaction throws(LMDBError) -> Result<(VersionRecord, Stamp), StoreError> in
      guard let version = try transaction.resolve(reference, catalog),
        let record = try transaction.get(version, in: catalog.versions)
      else { return .failure(StoreError(.unknownVersion, "there is no version \(reference)")) }
      let records = try transaction.entries(of: catalog.versions).map(\.value)
      for (what, names) in [("tag", catalog.tags), ("alias", catalog.aliases)] {
        for (name, named) in try transaction.entries(of: names) where named > version {
          return .failure(
            StoreError(
              .notAllowed, "version \(named) has the \(what) \(name)",
              hint: "Remove the \(what) first, if the version is really to go."))
        }
      }
      for (_, entry) in try transaction.entries(of: catalog.writes) {
        if let base = entry.bases.first(where: { $0 > version }) {
          return .failure(StoreError(.tableBusy, "a writer or reader is working from version \(base)"))
        }
      }
      let latest = try transaction.latest(catalog)
      let differing = latest.tables.filter { $0.value.stamp != record.tables[$0.key]?.stamp }.keys.sorted()
      for name in differing where try transaction.get(name, in: catalog.leases) != nil {
        return .failure(StoreError(.tableBusy, "\(name) is being written"))
      }
      for newer in records where newer.version > version { try transaction.delete(newer.version, in: catalog.versions) }
      try transaction.put(version, at: "latest", in: catalog.state)
      let stamp = try transaction.take("nextStamp", catalog)
      try transaction.put(
        WriteEntry(
          owner: owner.token, kind: .drop, tables: differing, bases: [],
          floors: Dictionary(uniqueKeysWithValues: differing.map { ($0, record.tables[$0]?.stamp ?? 0) }),
          abandoned: true), at: stamp, in: catalog.writes)
      for name in differing { try transaction.put(stamp, at: name, in: catalog.leases) }
      return .success((record, stamp))
    }
    FailurePoint.reach("drop.committed")
    try clean(stamp)
    return record
  }

  /// Keeps versions for as long as this process lives or until `endHold`.
  public func hold(_ versions: [UInt64]) throws(StoreError) -> Stamp {
    let owner = try requireWritable()
    return try catalog.write { transaction throws(LMDBError) -> Result<Stamp, StoreError> in
      for version in versions where try transaction.get(version, in: catalog.versions) == nil {
        return .failure(StoreError(.versionDropped, "version \(version) is not kept any more"))
      }
      let stamp = try transaction.take("nextStamp", catalog)
      try transaction.put(
        WriteEntry(owner: owner.token, kind: .hold, tables: [], bases: versions, floors: [:], abandoned: false),
        at: stamp, in: catalog.writes)
      return .success(stamp)
    }
  }

  public func endHold(_ stamp: Stamp) throws(StoreError) {
    let owner = try requireWritable()
    let entry = try catalog.read { t throws(LMDBError) in try t.get(stamp, in: catalog.writes) }
    guard let entry else { return }
    guard entry.kind == .hold, entry.owner == owner.token else {
      throw StoreError(.notAllowed, "\(stamp) is not a hold of this process")
    }
    try clean(stamp)
  }
}

extension Snapshot {
  /// Every block of a table in a shard that this version reads, by column and number; packs of patches among them.
  func allBlocks(table: UInt32, shard: Int) throws(StoreError) -> [Block] {
    var found: [Block] = []
    for column in try columns(table: table, shard: shard) {
      if column & PatchPack.columnBit == 0 {
        found += try blocks(table: table, column: column, shard: shard)
      } else {
        let chains = try patchChains(table: table, column: column & ~PatchPack.columnBit, shard: shard)
        found += chains.flatMap(\.packs)
      }
    }
    return found
  }
}

extension Write {
  /// Puts what turns a table of `old` into that of `new`: blocks that differ, whole, and deletions of those that end.
  fileprivate func putDifference(from old: Snapshot, to new: Snapshot, table: UInt32, shard: Int) throws(StoreError) {
    let columns = Set(try old.columns(table: table, shard: shard) + new.columns(table: table, shard: shard))
    for column in columns.sorted() where column & PatchPack.columnBit == 0 {
      try putDifference(
        from: try old.contentStamps(table: table, column: column, shard: shard),
        to: try new.contentStamps(table: table, column: column, shard: shard),
        resolver: try new.resolver(table: table, column: column, shard: shard), shard: shard)
    }
  }

  private func putDifference(
    from old: [(block: Block, stamp: Stamp)], to new: [(block: Block, stamp: Stamp)], resolver: PatchResolver,
    shard: Int
  ) throws(StoreError) {
    let before = Dictionary(uniqueKeysWithValues: old.map { ($0.block.address, $0.stamp) })
    let after = Set(new.map(\.block.address))
    let ended = old.map(\.block.address).filter { !after.contains($0) }
    try put(ended.map { .deletion($0) }, shard: shard)
    var pending: [PendingBlock] = []
    var copies: [OwnedBytes] = []
    var bytes = 0
    func putPending() throws(StoreError) {
      try withExtendedLifetime(copies) { () throws(StoreError) in try put(pending, shard: shard) }
      (pending, copies, bytes) = ([], [], 0)
    }
    for (block, stamp) in new where before[block.address] != stamp {
      let copy = OwnedBytes(try resolver.content(of: block))
      let header = try block.header()
      copies.append(copy)
      pending.append(
        PendingBlock(
          block.address, type: header.type, codec: header.codec, rows: Int(header.rows), stride: Int(header.stride),
          content: copy.bytes))
      bytes += copy.bytes.count
      if bytes >= Self.copiesBytesMax { try putPending() }
    }
    try putPending()
  }

  /// Copies that wait for their put: each put is a transaction, with its own wait for the disk.
  private static let copiesBytesMax = 32 << 20
}
