/// The blocks of one column in one shard that two versions of a store show differently.
///
/// Found by stamps: a block whose content came to be under the same stamp in both versions is the same, and its pages are
/// not touched; patches are looked at to know whose rows they hold.
struct ChangedBlocks {
  /// Numbers of blocks that differ, or that only one of the versions has; ascending.
  private(set) var numbers: [UInt64] = []
  init(_ older: Snapshot?, _ newer: Snapshot, table: UInt32, column: UInt16, shard: Int) throws(StoreError) {
    let before = try older?.contentStamps(table: table, column: column, shard: shard) ?? []
    let after = try newer.contentStamps(table: table, column: column, shard: shard)
    var old = 0
    for (block, stamp) in after {
      let number = block.address.block
      while old < before.count, before[old].block.address.block < number {
        numbers.append(before[old].block.address.block)
        old += 1
      }
      if old < before.count, before[old].block.address.block == number {
        old += 1
        if before[old - 1].stamp == stamp { continue }
      }
      numbers.append(number)
    }
    numbers += before[old...].map(\.block.address.block)
  }

  /// What the blocks and patches of a table that only the newer version reads take in the files.
  static func bytes(_ older: Snapshot?, _ newer: Snapshot, table: UInt32) throws(StoreError) -> Int {
    var bytes = 0
    for shard in 0..<newer.shardCount {
      let before = Set(
        try older?.allBlocks(table: table, shard: shard).map { BlockKey($0.address, $0.stamp) } ?? [])
      for block in try newer.allBlocks(table: table, shard: shard)
      where !before.contains(BlockKey(block.address, block.stamp)) {
        bytes += BlockHeader.size + block.payload.count
      }
    }
    return bytes
  }
}
