import LoamKernels

/// Rows in copies of their own, where a copy of the block would be for few of its rows.
///
/// ```
///                  a row changed                many at once, or half of the block
///   in the map ──────────────────────▶ by row ────────────────────────────────────▶ dirty copy
///       ▲      while memory is tight    │  ▲                                            │
///       └── put whole, all at once ─────┘  └───────── given up with few rows changed ───┘
/// ```
///
/// Putting all of them at once writes each block once for the rows that memory holds: the fewer writes, the longer rows
/// wait in it.
extension ColumnBlocks {
  /// Rows of a block below which a copy of one is as good as one of the block.
  static let rowsLeast = 4
  /// Of a group of a batch, in one block: the next ones will be in it too.
  private static let atOnceMax = 16
  /// Of a block's rows, when its copy is given up.
  private static let fewShare = 8

  /// Has rows that are to be put.
  func isPending(_ block: Int) -> Bool {
    words[block].isDirty || words[block].isByRow && rowCopies.count(block: block) > 0
  }

  /// The row of a slot whose block is by row.
  func rowByRow(_ slot: UInt32, _ block: Int) -> UnsafeRawPointer {
    if rowCopies.count(block: block) > 0, let row = rowCopies.row(slot) { return UnsafeRawPointer(row) }
    return storedRow(slot, block)
  }

  /// Before changes that are not put.
  private func storedRow(_ slot: UInt32, _ block: Int) -> UnsafeRawPointer {
    let row = Int(slot) &- block &* layout.rowsPerBlock
    if !wasPutEarly(block), let patched = patches?.row(block: block, row: row) { return patched }
    return words[block].content + row * layout.stride
  }

  /// A row to be changed in a copy of its own, marked as changed; `nil`: it belongs in one of its block.
  ///
  /// A block that has one keeps to it, lest rows move that somebody holds.
  @inline(never)
  func rowCopy(of slot: UInt32, _ block: Int) throws(StoreError) -> UnsafeMutableRawPointer? {
    let word = words[block]
    let isBegun = word.isByRow && rowCopies.count(block: block) > 0
    guard isBegun || takesRows && memory.isTight && !word.isNone && !word.isOwned else { return nil }
    if isBegun, let row = rowCopies.row(slot) {
      isPut = false
      markChanged(slot)
      return row
    }
    guard storedRows(block: block) == layout.rowsPerBlock else { return nil }
    if !word.isByRow {
      guard let content = try rows(block: block), !words[block].isOwned else { return nil }
      words[block] = .byRow(content)
    }
    let stored = storedRow(slot, block)
    let row = rowCopies.add(slot, block: block)
    row.copyMemory(from: stored, byteCount: layout.stride)
    isPut = false
    markChanged(slot)
    return row
  }

  /// Writes so many rows of a block that is by row, as they are now.
  func writeRows(of block: Int, count: Int, to rows: UnsafeMutableRawPointer) {
    rows.copyMemory(from: words[block].content, byteCount: count * layout.stride)
    if !wasPutEarly(block) { patches?.apply(to: rows, block: block) }
    guard rowCopies.count(block: block) > 0 else { return }
    forEachChanged(block) { row, slot in
      guard let copy = rowCopies.row(slot) else { return }
      (rows + row * layout.stride).copyMemory(from: copy, byteCount: layout.stride)
    }
  }

  func removeRowCopies(of block: Int) {
    guard rowCopies.count(block: block) > 0 else { return }
    forEachChanged(block) { _, slot in rowCopies.remove(slot, block: block) }
  }

  private func forEachChanged(_ block: Int, _ body: (_ row: Int, _ slot: UInt32) -> Void) {
    guard let bits = changed.bits(block: block) else { return }
    for word in 0..<layout.bitmapWords {
      var left = bits[word]
      while left != 0 {
        let row = word * 64 + left.trailingZeroBitCount
        body(row, UInt32(block * layout.rowsPerBlock + row))
        left &= left - 1
      }
    }
  }

  /// Gives a changed copy up for copies of its changed rows, where they are few and nothing of it was put early.
  func keepRows(of block: Int) throws(StoreError) {
    guard takesRows, !wasPutEarly(block), block < bases.count, storedRows(block: block) == layout.rowsPerBlock,
      changed.count(block: block) <= layout.rowsPerBlock / Self.fewShare, let base = try baseRows(block: block)
    else { return }
    let copy = words[block].copy
    words[block] = .byRow(base)
    copies -= 1
    forEachChanged(block) { row, slot in
      rowCopies.add(slot, block: block).copyMemory(from: copy + row * layout.stride, byteCount: layout.stride)
    }
    memory.deallocate(copy, layout.fullBytes)
  }

  /// Puts every block that has copies of rows, in their order, and gives the copies up.
  ///
  /// Pointers to their rows are invalid afterwards; after an error those that were not put are as they were.
  func putRowCopies(slots: UInt32, _ write: Write) throws(StoreError) {
    guard rowCopies.bytes > 0 else { return }
    let blocks = (0..<words.count).filter { words[$0].isByRow && rowCopies.count(block: $0) > 0 }
    let step = max(1, write.transactionBytesMax / pieceBytes)
    for first in stride(from: 0, to: blocks.count, by: step) {
      let some = Array(blocks[first..<min(first + step, blocks.count)])
      for (block, place) in try putWhole(some, slots: slots, write) {
        removeRowCopies(of: block)
        words[block] = .verified(place)
      }
    }
    rowCopies.removeAll()
  }

  /// Copies of blocks of which half of the rows have one of their own. Pointers to these are invalid afterwards.
  func copyDenseBlocks() throws(StoreError) {
    for block in rowCopies.takeDense() where words[block].isByRow {
      _ = try copy(block: block, dirty: true) { _ throws(StoreError) in }
    }
  }

  /// A row of the slot's block is about to be changed: where many are, the block is copied. Pointers to copies of its
  /// rows are invalid afterwards.
  ///
  /// - Parameter isAlone: nobody holds such a pointer.
  /// - Returns: that the block should be copied once nobody does.
  func ask(_ slot: UInt32, isAlone: Bool) throws(StoreError) -> Bool {
    let block = layout.block(of: slot)
    guard !words[block].isOwned, !words[block].isNone else { return false }
    rowCopies.prefetch(slot)
    if asked.count < words.count { asked += repeatElement(0, count: words.count - asked.count) }
    asked[block] &+= 1
    guard asked[block] >= min(Self.atOnceMax, layout.rowsPerBlock / 2) else { return false }
    guard isAlone || rowCopies.count(block: block) == 0 else { return true }
    _ = try copy(block: block, dirty: true) { _ throws(StoreError) in }
    return false
  }

  func forgetAsked(_ slot: UInt32) {
    let block = layout.block(of: slot)
    if block < asked.count { asked[block] = 0 }
  }
}

extension IDTableWriter {
  /// Copies the blocks of which many of a group's listed rows are to be changed.
  ///
  /// - Parameter isAlone: no row of another group is held.
  /// - Returns: that there are some which wait for that.
  func copyBlocks(
    _ column: Int, _ rows: UnsafeBufferPointer<RowReference>, _ first: Int, _ listed: UnsafePointer<UInt32>,
    _ count: Int, isAlone: Bool
  ) throws(StoreError) -> Bool {
    var waits = false
    for entry in 0..<count {
      let row = rows[first + Int(listed[entry])]
      if try shards[row.shard].columns[column].ask(row.slot, isAlone: isAlone) { waits = true }
    }
    for entry in 0..<count {
      let row = rows[first + Int(listed[entry])]
      shards[row.shard].columns[column].forgetAsked(row.slot)
    }
    return waits
  }

  /// Listed rows of a group that are looked for among copies of rows.
  func prefetch(
    _ column: Int, _ rows: UnsafeBufferPointer<RowReference>, _ first: Int, _ listed: UnsafePointer<UInt32>,
    _ count: Int
  ) {
    for entry in 0..<count {
      let row = rows[first + Int(listed[entry])]
      shards[row.shard].columns[column].rowCopies.prefetch(row.slot)
    }
  }
}
