import LoamSchema

/// What a writer does to a column: copies of blocks at first touch.
extension ColumnBlocks {
  /// The rows of a block in a copy of ours, to be put if `dirty`.
  ///
  /// - Parameter initialise: writes the initial rows of a block that was absent.
  @inline(__always)
  func copy(block: Int, dirty: Bool, initialise: (UnsafeMutableRawPointer) throws(StoreError) -> Void)
    throws(StoreError) -> UnsafeMutableRawPointer
  {
    let word = words[block]
    if word.isWarm || word.isOwned && !dirty { return word.copy }
    return try makeCopy(block, dirty: dirty, initialise: initialise)
  }

  @inline(never)
  private func makeCopy(_ block: Int, dirty: Bool, initialise: (UnsafeMutableRawPointer) throws(StoreError) -> Void)
    throws(StoreError) -> UnsafeMutableRawPointer
  {
    if dirty { isPut = false }
    if words[block].isOwned {
      let copy = words[block].copy
      words[block] = .dirty(copy)
      return copy
    }
    let base = try rows(block: block)
    if words[block].isOwned { return try self.copy(block: block, dirty: dirty, initialise: initialise) }
    let copy = memory.allocate(layout.fullBytes)
    let stored = base == nil ? 0 : storedRows(block: block) * layout.stride
    (copy + stored).initializeMemory(as: UInt8.self, repeating: 0, count: layout.fullBytes - stored)
    if words[block].isByRow {
      writeRows(of: block, count: storedRows(block: block), to: copy)
      removeRowCopies(of: block)
    } else if let base {
      copy.copyMemory(from: base, byteCount: stored)
    } else {
      do throws(StoreError) { try initialise(copy) } catch {
        memory.deallocate(copy, layout.fullBytes)
        throw error
      }
    }
    words[block] = dirty ? .dirty(copy) : .clean(copy)
    copies += 1
    return copy
  }

  /// Makes room for the row of a slot just taken; its initial value must be written where the block is materialised.
  ///
  /// - Returns: where to write it; `nil` where the block stays absent.
  func append(_ slot: UInt32) throws(StoreError) -> UnsafeMutableRawPointer? {
    let block = layout.block(of: slot)
    if block >= words.count { words.grow(to: block + 1) }
    reserveMarks()
    let word = words[block]
    if word.isNone { return nil }
    if let row = try rowCopy(of: slot, block) { return row }
    // A clean copy of a block that is stored nowhere stays what it is.
    let isStored = block < stamps.count && stamps[block] > 0
    let rows =
      word.isOwned && !isStored ? word.copy : try copy(block: block, dirty: true) { _ throws(StoreError) in }
    markChanged(slot)
    return rows + layout.offset(of: slot, block: block)
  }

  /// The same for slots one after the other: `write` fills the rows of those whose block is materialised.
  func append(
    _ slots: Range<UInt32>, write: (UnsafeMutableRawPointer, Range<UInt32>) throws(StoreError) -> Void
  ) throws(StoreError) {
    var slot = slots.lowerBound
    while slot < slots.upperBound {
      let end = min(slots.upperBound, UInt32((layout.block(of: slot) + 1) * layout.rowsPerBlock))
      if let rows = try append(slot) {
        let first = Int(slot) - layout.block(of: slot) * layout.rowsPerBlock
        changed.mark(block: layout.block(of: slot), rows: first..<first + Int(end - slot))
        try write(rows, slot..<end)
      }
      slot = end
    }
  }

  func dropCopies() {
    for block in 0..<words.count where words[block].isOwned {
      memory.deallocate(words[block].copy, layout.fullBytes)
      words[block] = .none
    }
    copies = 0
    rowCopies.removeAll()
  }
}
