import LoamSchema

/// What a writer puts of a column: changed rows as patches where that is less, whole blocks else.
///
/// ```
///   a group's chain   block ◀─ pack ◀─ pack ... at most 16, then every patched block is put whole and the chain ends
/// ```
extension ColumnBlocks {
  /// Changed rows of a block, by share, from which on the block is put whole: more of them cost a fold what they save
  /// here (docs/decisions/0006).
  private static let wholeShare = 0.5
  /// Packs of a chain from which on it may end early, and groups of a column that are worth spreading.
  private static let endedFrom = 8
  private static let groupsMin = 2

  /// To be called for each row that is changed in a copy.
  @inline(__always)
  func markChanged(_ slot: UInt32) {
    let block = layout.block(of: slot)
    changed.mark(block: block, row: Int(slot) &- block &* layout.rowsPerBlock)
  }

  /// Adds what is to be put when `slots` slots are in use, and puts what fills a transaction.
  func addPending(slots: UInt32, to batch: BlockBatch, of write: Write) throws(StoreError) {
    let isPatched = layout.groupShift != nil
    let shift = layout.groupShift ?? 6
    let ended = isPatched ? chainsToEnd() : []
    var first = 0
    while first < words.count {
      let end = min(first + 1 << shift, words.count)
      let dirty = (first..<end).filter(isPending)
      if !isPatched {
        addWhole(dirty, slots, batch)
      } else if !dirty.isEmpty || (first..<end).contains(where: putWhole.contains) {
        try addGroup(first >> shift, dirty, isEnded: ended.contains(first >> shift), slots, batch)
      }
      try batch.putIfFull(write, shard: shard)
      first = end
    }
  }

  /// Groups to be put whole in this flush. Where every commit changes every group, all chains would come to their end in
  /// the same one: when one length is twice as frequent as it would be if they were spread evenly, some of it end early.
  private func chainsToEnd() -> Set<Int> {
    guard let patches else { return [] }
    let shift = layout.groupShift!
    var groups: [[Int]] = .init(repeating: [], count: PatchPack.chainMax + 1)
    var count = 0
    for first in stride(from: 0, to: words.count, by: 1 << shift) {
      guard (first..<min(first + 1 << shift, words.count)).contains(where: isPending) else { continue }
      groups[patches.chainLength(first >> shift)].append(first >> shift)
      count += 1
    }
    var ended = Set(groups[PatchPack.chainMax])
    let most = (Self.endedFrom..<PatchPack.chainMax).max { groups[$0].count < groups[$1].count }!
    let even = max(count / (PatchPack.chainMax + 1), Self.groupsMin)
    // Commits before the rest of them is full, this one included.
    let left = PatchPack.chainMax + 1 - most
    if groups[most].count > 2 * even { ended.formUnion(groups[most].prefix(groups[most].count / left)) }
    return ended
  }

  private func addGroup(_ group: Int, _ dirty: [Int], isEnded: Bool, _ slots: UInt32, _ batch: BlockBatch)
    throws(StoreError)
  {
    let first = group << layout.groupShift!
    var whole: [Int] = []
    var pack = PatchPackBuilder(packAddress(group), layout, column.type)
    var packed: [Int] = []
    for block in dirty {
      let count = changed.count(block: block)
      if isPatchable(block, changed: count, slots), let bits = changed.bits(block: block) {
        packed.append(block)
        if words[block].isByRow {
          pack.append(place: block - first, bits: bits, changed: count) { [self] row in
            rowByRow(UInt32(block * layout.rowsPerBlock + row), block)
          }
        } else {
          pack.append(place: block - first, bits: bits, changed: count, rows: words[block].content)
        }
      } else {
        whole.append(block)
      }
    }
    let chain = patches?.chainLength(group) ?? 0
    if chain > 0, let stored = (first..<stamps.count).first(where: { stamps[$0] > 0 }) {
      try patches?.resolve(block: stored, stamps: stamps, slots: self.slots)
    }
    let patched = patches?.patched(group) ?? 0
    let pages = packed.reduce(0) {
      $0 + RowLayout.pages(layout.contentBytes(rows: layout.rows(block: $1, slots: slots)))
    }
    if !packed.isEmpty, !isEnded, RowLayout.pages(pack.contentBytes) < pages {
      addWhole(whole, slots, batch)
      return batch.append([pack.finish()])
    }
    whole += packed
    let before = (first..<min(first + 1 << layout.groupShift!, words.count)).filter(putWhole.contains)
    let put = (whole + before).reduce(UInt64(0)) { $0 | 1 << UInt64($1 - first) }
    if isEnded {
      for place in 0..<64 where (patched & ~put) >> UInt64(place) & 1 != 0 {
        try addFolded(first + place, batch)
        putWhole.insert(first + place)
      }
    }
    addWhole(whole, slots, batch)
    // Every block that has patched rows is whole now: the chain ends here.
    if chain > 0, isEnded || patched & ~put == 0 {
      batch.append([.deletion(packAddress(group))])
    }
  }

  /// A block that the snapshot has with the same number of rows, and that was not put whole under this stamp.
  private func isPatchable(_ block: Int, changed count: Int, _ slots: UInt32) -> Bool {
    guard block < stamps.count, stamps[block] > 0, !putWhole.contains(block), count > 0 else { return false }
    let rows = layout.rows(block: block, slots: slots)
    return rows == layout.rows(block: block, slots: self.slots) && Double(count) <= Self.wholeShare * Double(rows)
  }

  private func addWhole(_ blocks: [Int], _ slots: UInt32, _ batch: BlockBatch) {
    putWhole.formUnion(blocks)
    batch.append(blocks.sorted().map { whole($0, slots) })
  }

  /// A block of ours as it is now.
  func whole(_ block: Int, _ slots: UInt32) -> PendingBlock {
    let rows = layout.rows(block: block, slots: slots)
    let bytes = layout.contentBytes(rows: rows)
    var pending = PendingBlock(
      address(block), type: column.type, rows: rows, stride: layout.stride,
      content: UnsafeRawBufferPointer(start: words[block].content, count: bytes))
    if words[block].isByRow {
      pending.writing = (
        bytes,
        { [self] content in
          writeRows(of: block, count: rows, to: content.baseAddress!)
          UnsafeMutableRawBufferPointer(rebasing: content[(rows * layout.stride)...])
            .initializeMemory(as: UInt8.self, repeating: 0)
        }
      )
    }
    return pending
  }

  /// A block that is not changed, with the snapshot's patches applied.
  private func addFolded(_ block: Int, _ batch: BlockBatch) throws(StoreError) {
    guard let base = try baseRows(block: block) else { return }
    let rows = layout.rows(block: block, slots: slots)
    let content = batch.allocate(layout.contentBytes(rows: rows))
    content.copyMemory(from: UnsafeRawBufferPointer(start: base, count: content.count))
    patches?.apply(to: content.baseAddress!, block: block)
    batch.append([
      PendingBlock(
        address(block), type: column.type, rows: rows, stride: layout.stride, content: UnsafeRawBufferPointer(content))
    ])
  }

  private func packAddress(_ group: Int) -> BlockAddress {
    BlockAddress(table: table, column: column.number | PatchPack.columnBit, block: UInt64(group))
  }
}
