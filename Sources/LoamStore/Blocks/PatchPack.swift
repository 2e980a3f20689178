/// The changed rows of up to 64 neighbouring blocks of a column, under one stamp.
///
/// ```
///   content   rows a block u32   changed blocks u32   which of them u64
///             a bitmap of rows for each changed block   zeros up to a multiple of 64   the rows, in order
/// ```
///
/// A pack is a block of a column of its own beside the patched one, `column | columnBit`, and its number is that of the
/// group of blocks. Its patch stands on the group's next older pack; a deletion there ends the chain: whatever was patched
/// below it has been written whole since. So small patches share pages, and none is written again by the next commit
/// (docs/decisions/0006).
struct PatchPack {
  /// Of the numbers of columns that hold packs.
  static let columnBit: UInt16 = 0x8000
  /// Packs of a group that a reader may have to look through.
  static let chainMax = 16
  static let headBytes = 16
  /// Fills a page of the map: a smaller value would live in a leaf, unaligned, and be written again with its neighbours.
  static let contentBytesMin = 4_032
  /// So that positions in a pack have far fewer than 24 bits.
  static let groupRowsMax = 1 << 16

  let stamp: Stamp
  /// Of the first block of the group.
  let firstBlock: Int
  let rowsPerBlock: Int
  let stride: Int
  let type: DataType
  /// Bit i: block `firstBlock + i` has changed rows.
  let present: UInt64
  private let bitmaps: UnsafeRawPointer
  /// Rows of all blocks, one after the other.
  let rows: UnsafeRawPointer

  /// Binary logarithm of the blocks of a group; `nil`: blocks of so many rows are never patched.
  static func groupShift(rowsPerBlock: Int) -> Int? {
    guard (1...groupRowsMax).contains(rowsPerBlock) else { return nil }
    return (0...6).last { rowsPerBlock << $0 <= groupRowsMax }
  }

  static func bitmapWords(rowsPerBlock: Int) -> Int { (rowsPerBlock + 63) / 64 }

  static func rowsOffset(blocks: Int, rowsPerBlock: Int) -> Int {
    (headBytes + blocks * bitmapWords(rowsPerBlock: rowsPerBlock) * 8 + 63) & ~63
  }

  static func contentBytes(blocks: Int, rowsPerBlock: Int, rows: Int, stride: Int) -> Int {
    max(rowsOffset(blocks: blocks, rowsPerBlock: rowsPerBlock) + rows * stride, contentBytesMin)
  }

  /// Whether the value of a block is a patch.
  static func isPatch(_ value: UnsafeRawBufferPointer) -> Bool {
    value.count > BlockHeader.size && value[15] == BlockCodec.patch.rawValue
  }

  /// Every length and count is checked against the others. The checksum must have been compared.
  init(_ block: Block) throws(StoreError) {
    let header = try block.header()
    let content = block.payload
    func damaged(_ what: String) -> StoreError {
      StoreError(.badBlock, "\(block.address), stamp \(block.stamp): a patch of \(content.count) bytes with \(what)")
    }
    guard header.codec == .patch, header.stride > 0, content.count >= Self.headBytes else {
      throw damaged("codec \(header.codec) and stride \(header.stride)")
    }
    rowsPerBlock = Int(content.loadUnaligned(fromByteOffset: 0, as: UInt32.self))
    present = content.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
    let blocks = present.nonzeroBitCount
    guard let shift = Self.groupShift(rowsPerBlock: rowsPerBlock), blocks > 0,
      shift == 6 || present >> UInt64(1 << shift) == 0,
      blocks == content.loadUnaligned(fromByteOffset: 4, as: UInt32.self), block.address.block < 1 << 32
    else { throw damaged("\(rowsPerBlock) rows a block and \(blocks) blocks") }
    let offset = Self.rowsOffset(blocks: blocks, rowsPerBlock: rowsPerBlock)
    stride = Int(header.stride)
    // More rows than a group has, of any stride, would pass 63 bits below.
    guard
      header.rows <= UInt32(Self.groupRowsMax),
      content.count
        == Self.contentBytes(blocks: blocks, rowsPerBlock: rowsPerBlock, rows: Int(header.rows), stride: stride)
    else { throw damaged("\(header.rows) rows of \(stride) bytes in \(blocks) blocks") }
    (stamp, type, firstBlock) = (block.stamp, header.type, Int(block.address.block) << shift)
    bitmaps = content.baseAddress! + Self.headBytes
    rows = content.baseAddress! + offset
    let words = Self.bitmapWords(rowsPerBlock: rowsPerBlock)
    var total = 0
    for position in 0..<blocks {
      let bits = UnsafeRawBufferPointer(start: bitmaps + position * words * 8, count: words * 8)
      let count = bits.withMemoryRebound(to: UInt64.self) { $0.reduce(0) { $0 + $1.nonzeroBitCount } }
      let last = bits.loadUnaligned(fromByteOffset: (words - 1) * 8, as: UInt64.self)
      let used = rowsPerBlock - (words - 1) * 64
      guard count > 0, used == 64 || last >> UInt64(used) == 0 else {
        throw damaged("a bitmap that is not of its rows")
      }
      total += count
    }
    guard total == header.rows else { throw damaged("\(total) bits for \(header.rows) rows") }
  }

  func contains(block: Int) -> Bool { present >> UInt64(block - firstBlock) & 1 != 0 }

  /// Calls `body` with each changed row of a block that the pack names, and its position among the pack's rows.
  @inline(__always)
  func forEachRow(ofBlock block: Int, _ body: (_ row: Int, _ position: Int) -> Void) {
    let words = Self.bitmapWords(rowsPerBlock: rowsPerBlock)
    let before = (present & ((1 << UInt64(block - firstBlock)) - 1)).nonzeroBitCount
    var position = 0
    for word in 0..<before * words { position += bits(word).nonzeroBitCount }
    for word in 0..<words {
      var left = bits(before * words + word)
      while left != 0 {
        body(word * 64 + left.trailingZeroBitCount, position)
        position += 1
        left &= left - 1
      }
    }
  }

  private func bits(_ word: Int) -> UInt64 { bitmaps.loadUnaligned(fromByteOffset: word * 8, as: UInt64.self) }

  /// Writes the changed rows of a block over its content.
  func apply(to content: UnsafeMutableRawPointer, block: Int) {
    forEachRow(ofBlock: block) { row, position in
      (content + row * stride).copyMemory(from: rows + position * stride, byteCount: stride)
    }
  }
}
