extension IDTableWriter {
  /// Puts what changed since the base and gives the write the table's root. May be repeated before the publish.
  public func flush() throws(StoreError) { try Self.flush([self]) }

  /// The same for several tables of one write: what they have for a shard is put together.
  ///
  /// ```
  ///   shard 0   fill ─ wait for the disk ─   hash
  ///   shard 1   fill ─ wait for the disk ─        hash
  ///   shard 2         fill ─ wait for the disk ─        hash
  /// ```
  ///
  /// The disk is what takes longest, so blocks go to it first; rows are hashed while it writes.
  ///
  /// - Parameter threads: that compute at once, of more that wait; 0: as many as the machine has cores.
  public static func flush(_ tables: [IDTableWriter], threads: Int = 0) throws(StoreError) {
    guard let write = tables.first?.write else { return }
    precondition(
      tables.allSatisfy { $0.write === write && $0.stamp == write.stamp },
      "a publish that goes on asks for rebase before the next flush")
    let shardCount = write.base.shardCount
    nonisolated(unsafe) let deltas = UnsafeMutablePointer<UInt128>.allocate(capacity: tables.count * shardCount)
    defer { deltas.deallocate() }
    let turns = Turns(threads == 0 ? Parallel.cores : threads)
    // A put only reads what hashing reads, but for marks that are atomic or their own.
    try Parallel.forEachWaiting(2 * shardCount) { item throws(StoreError) in
      let number = item % shardCount
      if item < shardCount {
        turns.take(first: true)
        defer { turns.give() }
        let together = BlockBatch(turns: turns)
        for table in tables { try table.shards[number].addPending(to: together, of: write) }
        try together.put(write, shard: number)
        for table in tables { table.shards[number].markPut() }
      } else {
        turns.take()
        defer { turns.give() }
        for (index, table) in tables.enumerated() {
          deltas[number * tables.count + index] = try table.shards[number].rootDelta(turns)
        }
      }
    }
    for (index, table) in tables.enumerated() {
      let delta = (0..<shardCount).reduce(UInt128(0)) { $0 &+ deltas[$1 * tables.count + index] }
      write.setRoot(table.spec.name, delta: delta, rows: UInt64(table.rowCount))
    }
  }
}
