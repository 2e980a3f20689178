/// One column of one shard: for each block the address of its rows, found by the slot alone.
///
/// Readers share it; a writer's has copies of the blocks that it touched.
final class ColumnBlocks: @unchecked Sendable {
  // Exclusivity is unchecked where rows are marked one by one: one thread at a time has a shard.
  let column: ColumnSpec
  let layout: RowLayout
  let table: UInt32
  let shard: Int
  let snapshot: Snapshot
  /// Slots that the snapshot's blocks hold.
  let slots: UInt32
  let words: BlockWords
  /// Of a writer's copies.
  let memory: CopyMemory
  private let isWriters: Bool
  /// The snapshot's own, and the packs beside them.
  let listing: ColumnListing
  let packs: ColumnListing
  /// By block the stamp of the snapshot's own; 0 where it has none.
  let stamps: [Stamp]
  /// A writer's: where the snapshot's own lie, whatever stands in the words.
  let bases: BlockWords
  /// `nil`: no row of the snapshot is patched.
  let patches: PatchOverlay?
  /// Rows that a writer has changed since the snapshot.
  @exclusivity(unchecked) var changed: RowBits
  /// Blocks that a writer has put whole under its stamp: a patch under the same stamp would not be seen over them.
  var putWhole: Set<Int> = []
  /// By block how many rows it had when it was put early and its copy given up; 0 where that has not happened.
  var rowsPutEarly: [UInt32] = []
  /// Copies that there are, and the block from which on the next ones to be put early are looked for.
  var copies = 0
  var hand = 0
  /// Every change was put, and none has come since.
  var isPut = false
  /// Of blocks whose words are by row.
  @exclusivity(unchecked) var rowCopies: RowCopies
  /// Bytes of words and marks, of which the write's memory knows.
  private var kept = 0
  /// Rows may have copies of their own: a writer's, in value columns.
  var takesRows = false
  /// By block how many rows of the group at hand are to be changed.
  @exclusivity(unchecked) var asked: [UInt16] = []

  /// - Parameter known: another version's, open as well, and where the two differ: what they share is taken from it.
  init(
    _ snapshot: Snapshot, table: UInt32, column: ColumnSpec, shard: Int, slots: UInt32, memory: CopyMemory?,
    since known: (blocks: ColumnBlocks, changes: BlockChanges)? = nil
  ) throws(StoreError) {
    guard column.width >= 1, column.blockPages >= 1 else {
      throw StoreError(.mismatch, "column \(column.name): width \(column.width), \(column.blockPages) pages a block")
    }
    (self.snapshot, self.table, self.column, self.shard, self.slots) = (snapshot, table, column, shard, slots)
    self.memory = memory ?? CopyMemory()
    isWriters = memory != nil
    layout = RowLayout(column)
    words = BlockWords(count: layout.blockCount(slots: slots))
    changed = RowBits(layout)
    rowCopies = RowCopies(layout, self.memory)
    var stamps = [Stamp](repeating: 0, count: words.count)
    listing = try snapshot.listing(
      table: table, column: column.number, shard: shard, expected: words.count,
      since: known.map { ($0.blocks.listing, $0.changes) })
    packs = try snapshot.listing(
      table: table, column: column.number | PatchPack.columnBit, shard: shard,
      since: known.map { ($0.blocks.packs, $0.changes) })
    for block in listing.blocks {
      guard block.address.block < words.count else {
        throw StoreError(.badBlock, "shard \(shard) \(block.address): beyond the \(slots) slots of the shard")
      }
      let number = Int(block.address.block)
      let payload = block.payload
      let expected = layout.contentBytes(rows: layout.rows(block: number, slots: slots))
      guard payload.count == expected, let content = payload.baseAddress else {
        throw StoreError(
          .badBlock, "shard \(shard) \(block.address): expected \(expected) bytes, found \(payload.count)")
      }
      words[number] = .unverified(content)
      stamps[number] = block.stamp
    }
    self.stamps = stamps
    let words = words
    bases = BlockWords(count: memory == nil ? 0 : words.count)
    for block in 0..<bases.count { bases[block] = words[block] }
    let chains = PatchChain.all(in: packs)
    patches = chains.isEmpty ? nil : try PatchOverlay(snapshot, column, layout, blocks: words.count, chains)
  }

  deinit {
    dropCopies()
    memory.keep(-kept)
  }

  /// Makes room for the marks of all blocks.
  func reserveMarks() {
    changed.reserve(blocks: words.count)
    let bytes = words.bytes + bases.bytes + changed.bytes
    if bytes == kept { return }
    memory.keep(bytes - kept)
    kept = bytes
  }

  /// The rows of a block, without patches and copies of rows; `nil` where all of them are initial.
  @inline(__always)
  func rows(block: Int) throws(StoreError) -> UnsafeRawPointer? {
    let word = words[block]
    if word.isUnverified { return try verify(block) }
    return word.isNone ? nil : word.content
  }

  /// The rows that the snapshot has of a block, for a writer, whatever it did since, their checksum compared; `patches`
  /// has the patched ones. `nil`: it has none.
  func baseRows(block: Int) throws(StoreError) -> UnsafeRawPointer? {
    guard block < bases.count, !bases[block].isNone else { return nil }
    if bases[block].isUnverified { bases[block] = .verified(try check(block)) }
    try patches?.resolve(block: block, stamps: stamps, slots: slots)
    return bases[block].content
  }

  /// The row of a slot; `nil` where it is initial. The slot must be in use.
  @inline(__always)
  func row(_ slot: UInt32) throws(StoreError) -> UnsafeRawPointer? {
    let block = layout.block(of: slot)
    guard let rows = try rows(block: block) else { return nil }
    if isWriters {
      if words[block].isByRow { return rowByRow(slot, block) }
    } else if let patches, let patched = patches.row(block: block, row: Int(slot) &- block &* layout.rowsPerBlock) {
      return patched
    }
    return rows + layout.offset(of: slot, block: block)
  }

  func address(_ block: Int) -> BlockAddress {
    BlockAddress(table: table, column: column.number, block: UInt64(block))
  }

  @inline(never)
  private func verify(_ block: Int) throws(StoreError) -> UnsafeRawPointer {
    if isWriters, let content = try baseRows(block: block) {
      if let patches, patches.hasRows(block: block) {
        guard takesRows, memory.isTight else { return UnsafeRawPointer(mergedCopy(block, content)) }
        words[block] = .byRow(content)
        return content
      }
      words[block] = .verified(content)
      return content
    }
    let content = try check(block)
    try patches?.resolve(block: block, stamps: stamps, slots: slots)
    words[block] = .verified(content)
    return content
  }

  /// Compares the checksum of the snapshot's own block, and its header with what the column asks for.
  private func check(_ block: Int) throws(StoreError) -> UnsafeRawPointer {
    guard let found = listing.block(UInt64(block)), let content = found.payload.baseAddress else {
      throw StoreError(.badBlock, "shard \(shard) \(address(block)): no longer there")
    }
    try found.verify()
    let rows = layout.rows(block: block, slots: slots)
    let header = try found.header()
    guard header.codec == .plain, header.type == column.type, header.rows == rows, header.stride == layout.stride else {
      throw StoreError(
        .badBlock,
        "shard \(shard) \(address(block)): expected \(rows) rows of \(layout.stride) bytes (\(column.type)), "
          + "found \(header.rows) of \(header.stride) (\(header.type), \(header.codec))")
    }
    return content
  }

  /// A writer reads patched blocks from copies, so that its gathers know nothing of patches.
  private func mergedCopy(_ block: Int, _ base: UnsafeRawPointer) -> UnsafeMutableRawPointer {
    let copy = memory.allocate(layout.fullBytes)
    let stored = layout.rows(block: block, slots: slots) * layout.stride
    copy.copyMemory(from: base, byteCount: stored)
    (copy + stored).initializeMemory(as: UInt8.self, repeating: 0, count: layout.fullBytes - stored)
    patches?.apply(to: copy, block: block)
    words[block] = .clean(copy)
    copies += 1
    return copy
  }
}
