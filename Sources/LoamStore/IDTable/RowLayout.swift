/// How the rows of a column lie in its blocks.
///
/// A value of n x 4096 - 16 bytes fills n pages of the map behind LMDB's page header, and its 48-byte header makes the
/// rows 64-byte aligned. A full block has `blockPages` pages, more where one row asks for them; the last block of a
/// column has as many as its rows need, at least one.
struct RowLayout: Equatable {
  static let pageBytes = 4096
  /// LMDB's page header and the block's.
  static let overhead = 64

  let stride: Int
  let rowsPerBlock: Int
  private let blockPages: Int
  /// ceil(2^64 / rowsPerBlock): the high half of its product with a 32-bit slot is the exact quotient. 0: one row a block.
  let reciprocal: UInt64
  /// Words of a bitmap of a block's rows.
  let bitmapWords: Int
  /// Binary logarithm of the blocks whose patches share a pack; `nil`: blocks are always written whole.
  let groupShift: Int?

  init(_ column: ColumnSpec) {
    stride = column.stride
    let pages = max(column.blockPages, (stride + Self.overhead + Self.pageBytes - 1) / Self.pageBytes)
    blockPages = pages
    rowsPerBlock = (pages * Self.pageBytes - Self.overhead) / stride
    reciprocal = rowsPerBlock == 1 ? 0 : .max / UInt64(rowsPerBlock) + 1
    bitmapWords = PatchPack.bitmapWords(rowsPerBlock: rowsPerBlock)
    groupShift = PatchPack.groupShift(rowsPerBlock: rowsPerBlock)
  }

  /// Content bytes of a block with that many rows.
  func contentBytes(rows: Int) -> Int {
    let pages = (rows * stride + Self.overhead + Self.pageBytes - 1) / Self.pageBytes
    return min(max(pages, 1), blockPages) * Self.pageBytes - Self.overhead
  }

  /// Pages of the map that a value with so much content takes.
  static func pages(_ contentBytes: Int) -> Int { (contentBytes + overhead + pageBytes - 1) / pageBytes }

  var fullBytes: Int { blockPages * Self.pageBytes - Self.overhead }

  func blockCount(slots: UInt32) -> Int { (Int(slots) + rowsPerBlock - 1) / rowsPerBlock }

  /// Rows of a block when `slots` slots are in use.
  func rows(block: Int, slots: UInt32) -> Int { min(rowsPerBlock, Int(slots) - block * rowsPerBlock) }

  @inline(__always)
  func block(of slot: UInt32) -> Int {
    reciprocal == 0 ? Int(slot) : Int(truncatingIfNeeded: reciprocal.multipliedFullWidth(by: UInt64(slot)).high)
  }

  @inline(__always)
  func offset(of slot: UInt32, block: Int) -> Int { (Int(slot) &- block &* rowsPerBlock) &* stride }
}
