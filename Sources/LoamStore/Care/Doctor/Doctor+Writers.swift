import LMDB

extension Doctor {
  /// Who writes, and what writers that are gone left behind.
  mutating func examineWriters(_ store: Store) throws(StoreError) {
    let writes = try store.catalog.read { t throws(LMDBError) in try t.entries(of: store.catalog.writes) }
    for (stamp, entry) in writes {
      let what =
        entry.tables.isEmpty
        ? "versions \(entry.bases.map { "\($0)" }.joined(separator: ", "))" : entry.tables.joined(separator: ", ")
      guard !entry.abandoned, Owner.isAlive(entry.owner, layout) else {
        let blocks = try blocks(of: stamp, entry, store)
        add(
          .warning(
            .deadWriter,
            "\(entry.kind) \(stamp) of process \(Owner.process(entry.owner)), which is over, still has \(what) and \(blocks) blocks",
            "The next writer removes it, and so does 'loam doctor \(layout.root)'."))
        continue
      }
      let process = RunningProcess(Owner.process(entry.owner))
      if process.isStopped {
        add(
          .warning(
            .stoppedWriter, "\(process) is stopped and holds \(what)",
            "Let it go on (kill -CONT \(process.number)) or end it: its leases are free when it is gone.", .busy))
      } else {
        add(.note(.lease, "\(process) \(entry.kind == .hold ? "holds" : "writes") \(what)"))
      }
    }
    let used = Set(writes.map(\.value.owner))
    let dead = entries(layout.writers).filter { !$0.hasPrefix(".") && !used.contains($0) && !Owner.isAlive($0, layout) }
    if !dead.isEmpty {
      add(
        .warning(
          .deadOwnerFiles, "writers/ has \(dead.count) files of processes that are gone",
          "The next writer removes them, and so does 'loam doctor \(layout.root)'."))
    }
  }

  private func blocks(of stamp: Stamp, _ entry: WriteEntry, _ store: Store) throws(StoreError) -> Int {
    guard entry.kind == .write else { return 0 }
    var count = 0
    for shard in store.shards {
      count += try lmdb { () throws(LMDBError) in
        try shard.environment.checkUnread()
        return try shard.environment.read { t throws(LMDBError) in try t.changes(of: stamp, max: .max, shard).count }
      }
    }
    return count
  }
}

extension Owner {
  /// The process that an owner's token names.
  static func process(_ token: String) -> Int32 { token.split(separator: "-").first.flatMap { Int32($0) } ?? 0 }
}
