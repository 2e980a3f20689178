/// The blocks of one column in one shard that two versions of a store show differently.
///
/// Found by the keys alone: a block whose newest stamp is the same in both versions is the same block, and its pages
/// are not touched.
struct ChangedBlocks {
  /// Numbers of blocks that differ, or that only one of the versions has; ascending.
  private(set) var numbers: [UInt64] = []
  /// What those of the newer version take in the file.
  private(set) var bytes = 0

  init(_ older: Snapshot?, _ newer: Snapshot, table: UInt32, column: UInt16, shard: Int) throws(StoreError) {
    let before = try older?.blocks(table: table, column: column, shard: shard) ?? []
    let after = try newer.blocks(table: table, column: column, shard: shard)
    var old = 0
    for block in after {
      while old < before.count, before[old].address.block < block.address.block {
        numbers.append(before[old].address.block)
        old += 1
      }
      if old < before.count, before[old].address.block == block.address.block {
        old += 1
        if before[old - 1].stamp == block.stamp { continue }
      }
      numbers.append(block.address.block)
      bytes += BlockHeader.size + block.payload.count
    }
    numbers += before[old...].map(\.address.block)
  }

  /// The bytes of every column of a table.
  static func bytes(_ older: Snapshot?, _ newer: Snapshot, table: UInt32) throws(StoreError) -> Int {
    var bytes = 0
    for shard in 0..<newer.shardCount {
      for column in try newer.columns(table: table, shard: shard) {
        bytes += try ChangedBlocks(older, newer, table: table, column: column, shard: shard).bytes
      }
    }
    return bytes
  }
}
