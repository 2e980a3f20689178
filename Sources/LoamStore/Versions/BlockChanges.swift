import LMDB

/// Where the blocks that two snapshots show of a table may differ, in one shard: found by comparing the numbers of tree
/// pages, so that it costs what changed and not what there is (docs/decisions/0009).
///
/// ```
///   older    stamps of the table up to 40     pages not in newer ─▶ addresses ─┐
///   newer    stamps of the table up to 43     pages not in older ─▶ addresses ─┴▶ to be listed anew
/// ```
///
/// What lies outside has the same stamps at the same places in both. A stamp between the two versions' may be among
/// them: put before the older snapshot, published after it. Its listing says which blocks have such (`unseen`).
struct BlockChanges {
  /// Ascending by their ends.
  private let ranges: [ClosedRange<BlockAddress>]

  /// `nil`: not to be told, so that all keys are to be read.
  ///
  /// - Parameters:
  ///   - older: still open.
  ///   - newer: at a version whose stamp of the table is at least the older one's: blocks between stamps are shown, and
  ///     none hidden again.
  init?(of table: UInt32, from older: Snapshot, to newer: Snapshot, shard: Int) throws(StoreError) {
    guard older.store === newer.store, let before = try older.stamp(of: table), let now = try newer.stamp(of: table),
      before <= now
    else { return nil }
    let blocks = newer.store.shards[shard].blocks
    let prefix = withUnsafeBytes(of: table.bigEndian) { Array($0) }
    func leaves(_ snapshot: Snapshot) throws(StoreError) -> TreeLeaves? {
      try lmdb { () throws(LMDBError) in
        try snapshot.reads[shard].use { transaction throws(LMDBError) in
          try transaction.leaves(of: blocks, prefix: prefix)
        }
      }
    }
    guard let known = try leaves(older), let own = try leaves(newer) else { return nil }
    let last = BlockAddress(table: table, column: .max, block: .max)
    let first = BlockAddress(table: table, column: 0, block: 0)
    ranges = own.changes(since: known).compactMap { range in
      // Stamps of one block may lie in two leaves: both ends belong to the range.
      let low = max(Self.address(range.low), first)
      let high = min(range.high.map(Self.address) ?? last, last)
      return low <= high ? low...high : nil
    }
  }

  /// The address in a key of the tree; branches of liblmdb may hold shorter ones.
  private static func address(_ key: [UInt8]) -> BlockAddress {
    let whole = key.prefix(BlockKey.size) + [UInt8](repeating: 0, count: max(0, BlockKey.size - key.count))
    return Array(whole).withUnsafeBytes { BlockKey($0)!.address }
  }

  /// Numbers of a column's blocks to be listed anew, ascending and apart.
  ///
  /// - Parameter more: ascending.
  func numbers(ofColumn column: UInt16, and more: [UInt64]) -> [ClosedRange<UInt64>] {
    let changed = ranges.compactMap { range -> ClosedRange<UInt64>? in
      let (low, high) = (range.lowerBound, range.upperBound)
      guard low.column <= column, column <= high.column else { return nil }
      return (low.column < column ? 0 : low.block)...(high.column > column ? .max : high.block)
    }
    var apart: [ClosedRange<UInt64>] = []
    for range in (changed + more.map { $0...$0 }).sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = apart.last, range.lowerBound <= last.upperBound {
        apart[apart.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        apart.append(range)
      }
    }
    return apart
  }
}
