import LoamSchema
import Synchronization

/// The index of one shard: extendible hashing whose directory is rebuilt from the keys of its blocks.
///
/// ```
///   keys of a shard's index     depth 2: 100 101 11x     block 1 << d | prefix, so 4 and 5 have depth 2, 3 depth 1
///   directory, 2^2 words        00 ─▶ 4   01 ─▶ 5   10 ─▶ 3   11 ─▶ 3
/// ```
///
/// Opening touches no page of a block. Each ID whose hash begins (below the shard's 16 bits) with the prefix of a block
/// lies in that block and no other.
final class IndexDirectory: @unchecked Sendable {
  // Readers change nothing, and one thread at a time has a writer's: accesses need no checks while the program runs.
  /// 2^28 blocks hold 5 x 10^10 IDs: more than a shard has slots. Deeper means hashes that do not spread.
  static let depthMax = 28

  let table: UInt32
  let shard: Int
  let snapshot: Snapshot
  /// Of the snapshot.
  let listing: ColumnListing
  @exclusivity(unchecked) var depth = 0
  @exclusivity(unchecked) var words: BlockWords
  /// Of the block behind each word.
  @exclusivity(unchecked) var depths: [UInt8]
  /// Where verified blocks are copied to; `nil`: they are read in the map. Set before the first lookup.
  var copy: IndexCopy?
  /// Of a writer's copies.
  let memory: CopyMemory
  /// Blocks of the snapshot, or of an earlier flush, that a split did away with. Their numbers never come back: blocks
  /// are not joined again.
  var removed: [UInt64] = []
  /// Blocks that an earlier flush of the write put.
  var flushed: Set<UInt64> = []
  /// Of a writer, and the word from which on the next ones to be put early are looked for.
  var copies = 0
  var hand = 0

  /// - Parameters:
  ///   - rows: that the shard says it has.
  ///   - known: another version's, open as well, and where the two differ.
  init(
    _ snapshot: Snapshot, table: UInt32, shard: Int, rows: Int, memory: CopyMemory,
    since known: (index: IndexDirectory, changes: BlockChanges)? = nil
  ) throws(StoreError) {
    (self.snapshot, self.table, self.shard, self.memory) = (snapshot, table, shard, memory)
    listing = try snapshot.listing(
      table: table, column: IDTableLayout.index, shard: shard, expected: Self.blocks(rows: rows),
      since: known.map { ($0.index.listing, $0.changes) })
    let blocks = listing.blocks
    var covered: UInt64 = 0
    for block in blocks {
      let number = block.address.block
      guard number > 0, 63 - number.leadingZeroBitCount <= Self.depthMax else {
        throw StoreError(.badBlock, "shard \(shard) \(block.address): no index block has this number")
      }
      let blockDepth = 63 - number.leadingZeroBitCount
      depth = max(depth, blockDepth)
      covered += 1 << UInt64(Self.depthMax - blockDepth)
    }
    // Before the directory is made: blocks that fill it exactly are more than its depth.
    guard blocks.isEmpty || covered == 1 << UInt64(Self.depthMax) else {
      throw StoreError(.badBlock, "shard \(shard) table \(table): its index blocks leave a gap or overlap")
    }
    words = BlockWords(count: 1 << depth)
    depths = [UInt8](repeating: 0, count: 1 << depth)
    guard !blocks.isEmpty else {
      words[0] = .verified(IndexBlock.empty)
      return
    }
    // Each covers its words for the first time or is refused: together they leave none.
    for block in blocks { try place(block) }
  }

  /// About as many as there are for so many rows. Hashes spread, so that blocks split at about the same time.
  private static func blocks(rows: Int) -> Int {
    let least = min(rows, 1 << 28) / IndexBlock.splitAbove
    return least == 0 ? 1 : 1 << (Int.bitWidth - least.leadingZeroBitCount)
  }

  deinit { dropCopies() }

  private func place(_ block: Block) throws(StoreError) {
    let number = block.address.block
    let blockDepth = 63 - number.leadingZeroBitCount
    let payload = block.payload
    guard payload.count == IndexBlock.bytes, let content = payload.baseAddress else {
      throw StoreError(
        .badBlock, "shard \(shard) \(block.address): expected \(IndexBlock.bytes) bytes, found \(payload.count)")
    }
    let first = Int(number &- (1 << UInt64(blockDepth))) << (depth - blockDepth)
    let words = words
    for word in first..<first + 1 << (depth - blockDepth) {
      guard words[word].isNone else {
        throw StoreError(.badBlock, "shard \(shard) \(block.address): overlaps another index block")
      }
      words[word] = .unverified(content)
      depths[word] = UInt8(blockDepth)
    }
  }

  @inline(__always)
  func word(of hash: UInt64) -> Int {
    // Two shifts, since one by 64 (depth 0) would be no shift.
    Int(truncatingIfNeeded: ((hash &<< 16) &>> 1) &>> UInt64(truncatingIfNeeded: 63 &- depth))
  }

  /// The content of the block that the hash belongs to, verified.
  @inline(__always)
  func block(of hash: UInt64) throws(StoreError) -> UnsafeRawPointer {
    let word = word(of: hash)
    let found = words[word]
    return found.isUnverified ? try verify(word) : found.content
  }

  /// The slot of the ID, or `IndexBlock.absent`.
  @inline(__always)
  func find(_ id: ID, hash: UInt64) throws(StoreError) -> UInt32 {
    IndexBlock.find(try block(of: hash), id, hash: hash)
  }

  /// First word and number of words of the block behind a word.
  func range(of word: Int) -> (first: Int, count: Int, number: UInt64) {
    let blockDepth = Int(depths[word])
    let spare = depth - blockDepth
    let prefix = word >> spare
    return (prefix << spare, 1 << spare, 1 << UInt64(blockDepth) | UInt64(prefix))
  }

  @inline(never)
  func verify(_ word: Int) throws(StoreError) -> UnsafeRawPointer {
    let (first, count, number) = range(of: word)
    let block = listing.block(number)
    try block?.verify()
    guard let block, try block.header().codec == .plain, let content = block.payload.baseAddress,
      IndexBlock.count(content) != nil
    else {
      let address = BlockAddress(table: table, column: IDTableLayout.index, block: number)
      throw StoreError(.badBlock, "shard \(shard) \(address): not an index block")
    }
    // What is in a word must be whole before another thread finds its address there.
    let place = copy?.place(content) ?? content
    atomicMemoryFence(ordering: .releasing)
    for word in first..<first + count { words[word] = .verified(place) }
    return place
  }

  /// Each block once.
  func forEachBlock(_ body: (UInt64, Int) throws(StoreError) -> Void) throws(StoreError) {
    var word = 0
    while word < words.count {
      let (_, count, number) = range(of: word)
      try body(number, word)
      word += count
    }
  }
}
