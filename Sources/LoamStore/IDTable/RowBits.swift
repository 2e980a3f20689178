/// A bit for each row of a column's blocks: those that a writer has changed.
struct RowBits: ~Copyable {
  private let wordsPerBlock: Int
  private var words: UnsafeMutablePointer<UInt64>?
  private var blocks = 0

  init(_ layout: RowLayout) { wordsPerBlock = layout.bitmapWords }

  deinit { words?.deallocate() }

  @inline(__always)
  mutating func mark(block: Int, row: Int) {
    if block >= blocks { grow(block) }
    words![block &* wordsPerBlock &+ row >> 6] |= 1 << UInt64(row & 63)
  }

  /// The same for rows one after the other, for which there must be room.
  mutating func mark(block: Int, rows: Range<Int>) {
    precondition(block < blocks, "block \(block) in room for the marks of \(blocks)")
    let words = words! + block * wordsPerBlock
    for row in rows { words[row >> 6] |= 1 << UInt64(row & 63) }
  }

  @inline(never)
  private mutating func grow(_ block: Int) {
    let newBlocks = max(block + 1, blocks + blocks / 4)
    let larger = UnsafeMutablePointer<UInt64>.allocate(capacity: newBlocks * wordsPerBlock)
    larger.initialize(repeating: 0, count: newBlocks * wordsPerBlock)
    if let words {
      larger.update(from: words, count: blocks * wordsPerBlock)
      words.deallocate()
    }
    (words, blocks) = (larger, newBlocks)
  }

  var bytes: Int { blocks * wordsPerBlock * 8 }

  /// Makes room for the marks of so many blocks.
  mutating func reserve(blocks count: Int) {
    if count > blocks { grow(count - 1) }
  }

  /// For kernels: the marks of so many blocks, for which there must be room. Valid until the column has more.
  func start(blocks count: Int) -> UnsafeMutablePointer<UInt64>? {
    precondition(count <= blocks, "\(count) blocks in room for the marks of \(blocks)")
    return words
  }

  /// The words of a block; `nil`: no row was marked.
  func bits(block: Int) -> UnsafePointer<UInt64>? {
    guard block < blocks, let words else { return nil }
    return UnsafePointer(words + block * wordsPerBlock)
  }

  func count(block: Int) -> Int {
    guard let bits = bits(block: block) else { return 0 }
    return (0..<wordsPerBlock).reduce(0) { $0 + bits[$1].nonzeroBitCount }
  }

  func contains(block: Int, row: Int) -> Bool {
    guard let bits = bits(block: block) else { return false }
    return bits[row >> 6] >> UInt64(row & 63) & 1 != 0
  }
}
