import LoamKernels

/// Collects the changed rows of a group's blocks, in the order of blocks.
struct PatchPackBuilder {
  private let layout: RowLayout
  private let address: BlockAddress
  private let type: DataType
  private enum Rows {
    case together(UnsafeRawPointer)
    case apart((Int) -> UnsafeRawPointer)
  }
  private var blocks: [(place: Int, bits: UnsafePointer<UInt64>, rows: Rows)] = []
  private(set) var rowCount = 0

  /// - Parameter address: of the pack.
  init(_ address: BlockAddress, _ layout: RowLayout, _ type: DataType) {
    (self.address, self.layout, self.type) = (address, layout, type)
  }

  var contentBytes: Int {
    PatchPack.contentBytes(
      blocks: blocks.count, rowsPerBlock: layout.rowsPerBlock, rows: rowCount, stride: layout.stride)
  }

  /// - Parameters:
  ///   - place: of the block in its group.
  ///   - bits: of the changed rows, at least one; `rows`: all rows of the block. Valid until `finish`.
  mutating func append(place: Int, bits: UnsafePointer<UInt64>, changed: Int, rows: UnsafeRawPointer) {
    blocks.append((place, bits, .together(rows)))
    rowCount += changed
  }

  /// The same for a block whose rows do not lie together: `row` says where one is.
  mutating func append(
    place: Int, bits: UnsafePointer<UInt64>, changed: Int, row: @escaping (Int) -> UnsafeRawPointer
  ) {
    blocks.append((place, bits, .apart(row)))
    rowCount += changed
  }

  /// The pack, whose rows are read when it is put.
  func finish() -> PendingBlock {
    var pack = PendingBlock(
      address, type: type, codec: .patch, rows: rowCount, stride: layout.stride,
      content: UnsafeRawBufferPointer(start: nil, count: 0))
    pack.writing = (contentBytes, write)
    return pack
  }

  private func write(to content: UnsafeMutableRawBufferPointer) {
    let words = layout.bitmapWords
    var present: UInt64 = 0
    let rowsOffset = PatchPack.rowsOffset(blocks: blocks.count, rowsPerBlock: layout.rowsPerBlock)
    let start = content.baseAddress!
    start.initializeMemory(as: UInt8.self, repeating: 0, count: rowsOffset)
    var bitmap = start + PatchPack.headBytes
    var out = start + rowsOffset
    for (number, (place, bits, changed)) in blocks.enumerated() {
      present |= 1 << UInt64(place)
      bitmap.copyMemory(from: bits, byteCount: words * 8)
      bitmap += words * 8
      // A block's rows are on their way to the cache while those before it are copied.
      if number + 1 < blocks.count, case .together(let rows) = blocks[number + 1].rows {
        loam_changed_prefetch(blocks[number + 1].bits, words, rows, layout.stride)
      }
      switch changed {
      case .together(let rows): out = loam_changed_copy(bits, words, rows, layout.stride, out)
      case .apart(let row):
        for number in 0..<layout.rowsPerBlock where bits[number >> 6] >> UInt64(number & 63) & 1 != 0 {
          out.copyMemory(from: row(number), byteCount: layout.stride)
          out += layout.stride
        }
      }
    }
    out.initializeMemory(as: UInt8.self, repeating: 0, count: start + content.count - out)
    start.storeBytes(of: UInt32(layout.rowsPerBlock), as: UInt32.self)
    start.storeBytes(of: UInt32(blocks.count), toByteOffset: 4, as: UInt32.self)
    start.storeBytes(of: present, toByteOffset: 8, as: UInt64.self)
  }
}
