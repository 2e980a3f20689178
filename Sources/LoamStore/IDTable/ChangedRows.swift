import Glibc
import LoamKernels
import LoamSchema

/// The rows that changed in one block, gathered so that their cache lines come together and their hashes are computed
/// side by side: at random over a table, a row's new bytes, its old ones and its ID are three misses.
struct ChangedRows: ~Copyable {
  private static let lineBytes = 64
  private static let linesAheadMax = 4

  private let numbers: UnsafeMutablePointer<UInt32>
  private let ids: UnsafeMutablePointer<UInt64>
  private let fresh: UnsafeMutablePointer<UnsafeRawPointer?>
  private let old: UnsafeMutablePointer<UnsafeRawPointer?>

  /// - Parameter rowsMax: of a block.
  init(rowsMax: Int) {
    numbers = .allocate(capacity: rowsMax)
    ids = .allocate(capacity: rowsMax)
    fresh = .allocate(capacity: rowsMax)
    old = .allocate(capacity: rowsMax)
  }

  deinit {
    numbers.deallocate()
    ids.deallocate()
    fresh.deallocate()
    old.deallocate()
  }

  /// What the rows of `block` that are marked as changed add to the root.
  ///
  /// - Parameters:
  ///   - block: in a copy, or put early.
  ///   - slots: in use now.
  ///   - leftOut: slots that are counted elsewhere; `nil`: none.
  ///   - id: of a slot.
  borrowing func change(
    _ blocks: ColumnBlocks, _ block: Int, slots: UInt32, initial: InitialRow, leftOut: SlotSet?,
    id: (UInt32) throws(StoreError) -> ID
  ) throws(StoreError) -> UInt128 {
    guard let bits = blocks.changed.bits(block: block) else { return 0 }
    let layout = blocks.layout
    let stride = layout.stride
    let (first, rows) = (block * layout.rowsPerBlock, layout.rows(block: block, slots: slots))
    let content = blocks.words[block].content
    let base = try blocks.baseRows(block: block)
    let baseRows = base == nil ? 0 : layout.rows(block: block, slots: blocks.slots)
    var count = 0
    for word in 0..<layout.bitmapWords {
      var left = bits[word]
      while left != 0 {
        let row = word << 6 + left.trailingZeroBitCount
        left &= left - 1
        guard row < rows, leftOut?.contains(UInt32(first + row)) != true else { continue }
        numbers[count] = UInt32(row)
        fresh[count] = content + row * stride
        old[count] = nil
        if let base, row < baseRows {
          old[count] = blocks.patches?.row(block: block, row: row) ?? base + row * stride
        }
        prefetch(fresh[count], stride)
        prefetch(old[count], stride)
        count += 1
      }
    }
    var kept = 0
    for place in 0..<count {
      let (new, before) = (fresh[place]!, old[place])
      if let before, memcmp(before, new, stride) == 0 { continue }
      let id = try id(UInt32(first) + numbers[place])
      let key = initial.rowKey(id)
      ids[kept] = id
      fresh[kept] = initial.equals(key: key, new) ? nil : new
      old[kept] = before.flatMap { initial.equals(key: key, $0) ? nil : $0 }
      kept += 1
    }
    let sum = loam_row_changes(ids, fresh, old, kept, stride, RowHash.salt(blocks.column.name))
    return UInt128(sum.high) << 64 | UInt128(sum.low)
  }

  @inline(__always)
  private func prefetch(_ row: UnsafeRawPointer?, _ stride: Int) {
    guard let row else { return }
    for line in 0..<min((stride + Self.lineBytes - 1) / Self.lineBytes, Self.linesAheadMax) {
      loam_prefetch_read(row + line * Self.lineBytes)
    }
  }
}
