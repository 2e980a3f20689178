import LoamSchema

/// What a shard gives up when the write holds more changed memory than it may.
extension IDTableShard {
  /// Of this shard's copies.
  var copiedBytes: Int {
    ([ids] + columns).reduce(index.copiedBytes + dictionary.dirtyBytes + rowBytes) { $0 + $1.copies * $1.pieceBytes }
  }

  /// Of single rows.
  private var rowBytes: Int { columns.reduce(0) { $0 + $1.rowCopies.bytes } }

  /// Gives up the copies that have not been changed for the longest time, that many bytes of them at least, or all; and
  /// puts the blocks of rows that have copies of their own, all at once, where those hold the most.
  ///
  /// Pointers to rows of this shard are invalid afterwards. Threads may do it for different shards at once.
  func putEarly(bytes: Int, _ write: Write) throws(StoreError) {
    let all = copiedBytes
    guard all > 0 else { return }
    write.copies.isTight = true
    let share = min(1, Double(bytes) / Double(all))
    if index.copies > 0 { try index.giveUp(index.coldest(Int((Double(index.copies) * share).rounded(.up))), write) }
    for column in [ids] + columns where column.copies > 0 {
      let blocks = column.coldest(Int((Double(column.copies) * share).rounded(.up)))
      // In pieces, so that what was put is free before the next ones are encoded.
      let step = max(1, write.transactionBytesMax / column.pieceBytes)
      for first in stride(from: 0, to: blocks.count, by: step) {
        try column.giveUp(Array(blocks[first..<min(first + step, blocks.count)]), slots: meta.slots, write)
      }
    }
    try dictionary.putEarly(write)
    if 2 * rowBytes > copiedBytes { for column in columns { try column.putRowCopies(slots: meta.slots, write) } }
  }

  /// To be called where no pointer to a row is held.
  func copyDenseBlocks() throws(StoreError) {
    for column in columns where !column.rowCopies.dense.isEmpty { try column.copyDenseBlocks() }
  }
}

extension IDTableWriter {
  /// Less is not worth a transaction and its wait for the disk.
  static let earlyBytesMin = 1 << 20

  /// Puts changed blocks early where the write holds more of them than `Write.dirtyBytesMax` allows. They stay
  /// invisible, and readable here; what was changed longest ago goes first.
  ///
  /// Batched calls do the same between their groups of rows. To be called now and then by who works row by row; pointers
  /// that `row` and `mutableRow` gave are invalid afterwards. One thread, with no batch under way on this table.
  public func putEarlyIfFull() throws(StoreError) {
    let memory = write.copies
    for shard in shards { try shard.copyDenseBlocks() }
    guard memory.bytesInUse > memory.room / 8 * 7 else { return }
    // A share of each table, so that none of them gives up what others hold; room for the next step.
    let excess = memory.bytesInUse - memory.room / 4 * 3
    let share = min(1, Double(excess) / Double(max(memory.bytesInUse, 1)))
    for shard in shards { try shard.putEarly(bytes: Int(Double(shard.copiedBytes) * share), write) }
  }

  /// The same for one shard, for threads that work on different ones at once.
  public func putEarlyIfFull(shard number: Int) throws(StoreError) {
    try shards[number].copyDenseBlocks()
    guard write.copies.isFull else { return }
    try shards[number].putEarly(bytes: max(shards[number].copiedBytes / 4, Self.earlyBytesMin), write)
  }

  /// The same within a batch, for the shards of the rows that come next: other threads may be at work on the rest.
  func putEarly(before rows: UnsafeBufferPointer<RowReference>.SubSequence) throws(StoreError) {
    for number in Set(rows.lazy.filter { !$0.isNone }.map(\.shard)) {
      try putEarlyIfFull(shard: number)
    }
  }
}
