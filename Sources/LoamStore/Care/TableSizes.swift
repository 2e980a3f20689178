import LMDB

/// Blocks of a table by who sees them, from one walk over the keys of the shards.
///
/// ```
///   a block's stamps     p ────────── q ───── r        seen by the kept versions between a stamp and the next
///   kept versions          1    2         3            p came with 1, q with 3; r is above latest: unpublished
/// ```
struct TableSizes {
  /// Seen by the version asked for.
  var seen = StoreStatistics.Size()
  /// By the first kept version that sees them.
  var added: [UInt64: StoreStatistics.Size] = [:]
  /// Kept for older versions alone.
  var older = StoreStatistics.Size()
  /// Seen by no kept version.
  var garbage = StoreStatistics.Size()
  var unpublished = StoreStatistics.Size()

  /// The stamps under which kept versions see the table, ascending, each with the first version that does.
  private let kept: [(stamp: Stamp, version: UInt64)]
  private let asked: Stamp?
  private let latest: Stamp

  init(_ name: TableName, at record: VersionRecord, kept versions: [VersionRecord]) {
    let name = name.description
    var kept: [(stamp: Stamp, version: UInt64)] = []
    for version in versions {
      if let stamp = version.tables[name]?.stamp, stamp != kept.last?.stamp { kept.append((stamp, version.version)) }
    }
    self.kept = kept
    asked = record.tables[name]?.stamp
    latest = kept.last?.stamp ?? 0
  }

  /// Counts a block that is seen from its stamp on, up to the stamp of the next one.
  mutating func count(_ stamp: Stamp, before next: Stamp, bytes: Int) {
    if stamp > latest { return unpublished.add(bytes) }
    guard let first = kept.first(where: { $0.stamp >= stamp && $0.stamp < next }) else { return garbage.add(bytes) }
    added[first.version, default: .init()].add(bytes)
    if latest >= next { older.add(bytes) }
    if let asked, asked >= stamp, asked < next { seen.add(bytes) }
  }
}

extension Snapshot {
  /// Sizes by table number. Reads keys and lengths, no row.
  func sizes(kept versions: [VersionRecord]) throws(StoreError) -> [UInt32: TableSizes] {
    var sizes: [UInt32: TableSizes] = [:]
    for name in tables {
      if let spec = spec(name) { sizes[spec.number] = TableSizes(name, at: record, kept: versions) }
    }
    for (shard, read) in zip(store.shards, reads) {
      sizes = try lmdb { () throws(LMDBError) in
        try read.use { transaction throws(LMDBError) in
          var sizes = sizes
          try transaction.forEachBlock(in: shard) { key, next, bytes in
            sizes[key.address.table]?.count(key.stamp, before: next, bytes: bytes)
          }
          return sizes
        }
      }
    }
    return sizes
  }
}

extension Transaction where Self: ~Copyable {
  /// Calls `body` with each block's key, the stamp up to which it is read, and its stored bytes; deletions are left out.
  /// A block is read up to the next stamp at its address, a patch up to the end of its chain.
  fileprivate func forEachBlock(in shard: Shard, _ body: (BlockKey, Stamp, Int) -> Void) throws(LMDBError) {
    try withCursor(shard.blocks) { cursor throws(LMDBError) in
      // More than one where they are patches.
      var open: [(key: BlockKey, length: Int)] = []
      func close(before end: Stamp) {
        for (key, length) in open where length > BlockHeader.size { body(key, end, length - BlockHeader.size) }
        open = []
      }
      var entry = try cursor.first()
      while let (bytes, value) = entry {
        if let key = BlockKey(bytes) {
          if key.address != open.last?.key.address {
            close(before: .max)
          } else if !PatchPack.isPatch(value) {
            close(before: key.stamp)
          }
          open.append((key, value.count))
        }
        entry = try cursor.next()
      }
      close(before: .max)
    }
  }
}
