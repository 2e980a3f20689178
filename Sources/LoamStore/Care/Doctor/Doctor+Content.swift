import LMDB

extension Doctor {
  /// A shard that ends before a kept version's stamps is an older copy.
  mutating func examineShards(_ store: Store) throws(StoreError) {
    let versions = try store.versions()
    for shard in store.shards {
      let lastPut = try lmdb { () throws(LMDBError) in
        try shard.environment.read { t throws(LMDBError) in try t.lastPut(shard) }
      }
      guard let ahead = versions.first(where: { $0.shards[shard.number] > lastPut }) else { continue }
      add(
        .damage(
          .laggingShard,
          "shard \(shard.number) is an old copy: it ends at stamp \(lastPut), version \(ahead.version) needs "
            + "\(ahead.shards[shard.number])", "Put the right shard back, or restore the whole store from one backup."))
    }
  }

  mutating func examineContent(_ store: Store) throws(StoreError) {
    if options.full {
      let report = try store.verify()
      for problem in report.problems { add(.damage(.badContent, problem)) }
      diagnosis.isFull = true
      (diagnosis.blocks, diagnosis.blocksChecked) = (report.blocks, report.blocks)
      return
    }
    for problem in try store.checkProtocol() { add(.damage(.badContent, problem)) }
    let snapshot = try store.snapshot()
    for shard in 0..<store.shardCount {
      var blocks: [Block] = []
      for name in snapshot.tables {
        guard let spec = try snapshot.readableSpec(name) else { continue }
        blocks += try snapshot.allBlocks(table: spec.number, shard: shard)
      }
      diagnosis.blocks += blocks.count
      let step = max(1, blocks.count / max(1, options.sampleBlocksMax))
      for index in stride(from: 0, to: blocks.count, by: step) {
        diagnosis.blocksChecked += 1
        do throws(StoreError) { try blocks[index].verify() } catch {
          add(.damage(.badChecksum, "shard \(shard): \(error.message)", error.hint))
        }
      }
    }
  }
}
