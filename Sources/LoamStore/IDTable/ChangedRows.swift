import LoamKernels
import LoamSchema

/// What the changed rows of one column, in one shard, add to the root.
///
/// At random over a table, a row's new bytes, its old ones and its ID are three misses. Rows of one block or of several
/// make a group, and the lines of a group are on their way to the cache while the group before it is hashed.
struct ChangedRows: ~Copyable {
  private let blocks: ColumnBlocks
  private let ids: ColumnBlocks
  private let initial: InitialRow
  private let slots: UInt32
  private let leftOut: SlotSet?
  private let salt: UInt64
  private var sum: UInt128 = 0
  private var filling: UnsafeMutablePointer<loam_changed_group>
  private var waiting: UnsafeMutablePointer<loam_changed_group>
  private let listed: UnsafeMutablePointer<loam_possibly_initial>
  private let marks: UnsafeMutablePointer<UInt64>

  /// - Parameters:
  ///   - slots: in use now.
  ///   - leftOut: slots that are counted elsewhere; `nil`: none.
  init(_ blocks: ColumnBlocks, ids: ColumnBlocks, initial: InitialRow, slots: UInt32, leftOut: SlotSet?) {
    (self.blocks, self.ids, self.initial, self.slots, self.leftOut) = (blocks, ids, initial, slots, leftOut)
    salt = RowHash.salt(blocks.column.name)
    filling = .allocate(capacity: 1)
    waiting = .allocate(capacity: 1)
    filling.pointee.count = 0
    waiting.pointee.count = 0
    listed = .allocate(capacity: 2 * Int(LOAM_CHANGED_GROUP))
    marks = .allocate(capacity: blocks.layout.bitmapWords)
  }

  deinit {
    filling.deallocate()
    waiting.deallocate()
    listed.deallocate()
    marks.deallocate()
  }

  /// Adds the rows of a block that are marked as changed. It lies in a copy, or was put early.
  mutating func add(block: Int) throws(StoreError) {
    guard let marked = blocks.changed.bits(block: block) else { return }
    let layout = blocks.layout
    let (start, rows) = (block * layout.rowsPerBlock, layout.rows(block: block, slots: slots))
    let base = try blocks.baseRows(block: block)
    let patches = blocks.patches?.kernel(block: block)
    var described = loam_changed_block(
      marks: leftOut == nil ? marked : without(leftOut!, marked, start), rows: blocks.words[block].content,
      oldRows: base, oldCount: base == nil ? 0 : layout.rows(block: block, slots: blocks.slots),
      words: patches?.words, entries: patches?.entries, packs: patches?.packs, stride: layout.stride)
    let isByRow = blocks.words[block].isByRow
    var first = 0
    while first < rows {
      // As far as one block of IDs goes.
      let idBlock = ids.layout.block(of: UInt32(start + first))
      let idStart = idBlock * ids.layout.rowsPerBlock
      let end = min(rows, idStart + ids.layout.rowsPerBlock - start)
      guard let found = try ids.rows(block: idBlock) else {
        throw StoreError(.badBlock, "\(ids.address(idBlock)): slot \(start + first) has no ID")
      }
      let ofBlock = found.assumingMemoryBound(to: UInt64.self) + (start - idStart)
      while first < end {
        let known = filling.pointee.count
        first = loam_changed_collect(&described, first, end, ofBlock, filling)
        if isByRow { takeRowCopies(of: block, from: known) }
        if filling.pointee.count == Int(LOAM_CHANGED_GROUP) { hashWaiting() }
      }
    }
  }

  /// Rows of a group that were collected where the block lies are where they are now.
  private func takeRowCopies(of block: Int, from known: Int) {
    let (start, stride) = (blocks.words[block].content, blocks.layout.stride)
    withUnsafeMutablePointer(to: &filling.pointee.rows) { rows in
      let rows = UnsafeMutableRawPointer(rows).assumingMemoryBound(to: UnsafeRawPointer.self)
      for index in known..<filling.pointee.count {
        let row = (rows[index] - start) / stride
        rows[index] = blocks.rowByRow(UInt32(block * blocks.layout.rowsPerBlock + row), block)
      }
    }
  }

  /// What all of them add.
  consuming func finish() -> UInt128 {
    hashWaiting()
    hashWaiting()
    return sum
  }

  /// Hashes the group that waits; the one that was filled waits from now on.
  private mutating func hashWaiting() {
    let stride = blocks.layout.stride
    var initial = self.initial.kernel
    var found = 0
    let hashes = loam_changed_sum(waiting, filling, stride, salt, &initial, listed, &found)
    sum &+= UInt128(hashes.high) << 64 | UInt128(hashes.low)
    for number in 0..<found {
      let (id, row) = (listed[number].id, listed[number].row!)
      if self.initial.equals(id, row) { continue }
      let hash = RowHash.of(salt: salt, key: id, payload: UnsafeRawBufferPointer(start: row, count: stride))
      sum = listed[number].isOld != 0 ? sum &- hash : sum &+ hash
    }
    swap(&filling, &waiting)
    filling.pointee.count = 0
  }

  /// The marks of a block's rows but for some slots'. Valid until the next call.
  private func without(_ slots: SlotSet, _ marked: UnsafePointer<UInt64>, _ start: Int) -> UnsafePointer<UInt64> {
    for word in 0..<blocks.layout.bitmapWords {
      marks[word] = marked[word]
      var left = marked[word]
      while left != 0 {
        let bit = left.trailingZeroBitCount
        if slots.contains(UInt32(start + word * 64 + bit)) { marks[word] &= ~(1 << UInt64(bit)) }
        left &= left - 1
      }
    }
    return UnsafePointer(marks)
  }
}
