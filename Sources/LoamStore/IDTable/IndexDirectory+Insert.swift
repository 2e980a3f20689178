import LoamKernels
import LoamSchema

/// What a writer does to an index: copies of blocks at first touch, inserts, splits, removals.
extension IndexDirectory {
  /// Behind the content of a copy lies the number of its entries.
  static let copyBytes = IndexBlock.bytes + 64

  /// The ID must be absent.
  func insert(_ id: ID, hash: UInt64, slot: UInt32) throws(StoreError) {
    let copy = try blockWithRoom(for: hash)
    IndexBlock.insert(copy, id, hash: hash, slot: slot)
    setEntries(copy, entries(copy) + 1)
  }

  /// The slot of the ID, or `absent` where it took `slot` now.
  @inline(__always)
  func findOrInsert(_ id: ID, hash: UInt64, slot: UInt32) throws(StoreError) -> UInt32 {
    let copy = try blockWithRoom(for: hash)
    let known = IndexBlock.findOrInsert(copy, id, hash: hash, slot: slot)
    if known == IndexBlock.absent { setEntries(copy, entries(copy) + 1) }
    return known
  }

  /// Asks for what an insert reads and writes of a block.
  @inline(__always)
  func prefetch(_ hash: UInt64) {
    let content = words[word(of: hash)].content
    loam_prefetch(content + IndexBlock.homeLine(hash) &* IndexBlock.lineBytes)
    loam_prefetch(content + IndexBlock.bytes)
  }

  @inline(__always)
  private func blockWithRoom(for hash: UInt64) throws(StoreError) -> UnsafeMutableRawPointer {
    let copy = try ownedBlock(of: hash)
    return entries(copy) < IndexBlock.splitAbove ? copy : try blockAfterSplit(for: hash)
  }

  @inline(never)
  private func blockAfterSplit(for hash: UInt64) throws(StoreError) -> UnsafeMutableRawPointer {
    var copy = words[word(of: hash)].copy
    while entries(copy) >= IndexBlock.splitAbove, Int(depths[word(of: hash)]) < Self.depthMax {
      try split(word(of: hash))
      copy = words[word(of: hash)].copy
    }
    guard entries(copy) < IndexBlock.capacity else {
      throw StoreError(.tooLarge, "shard \(shard) table \(table): the index is deeper than \(Self.depthMax) bits")
    }
    return copy
  }

  /// The ID must be there. The block keeps its place however few entries are left: its room is for IDs to come.
  func remove(_ id: ID, hash: UInt64) throws(StoreError) {
    let copy = try ownedBlock(of: hash)
    guard IndexBlock.remove(copy, id, hash: hash) else {
      throw StoreError(.badBlock, "shard \(shard) table \(table): ID \(id) is not where its hash leads")
    }
    setEntries(copy, entries(copy) - 1)
    if IndexBlock.hasOverflows(copy) { Self.rebuild(copy) }
  }

  /// Entries closer to their homes, and flags only where entries lie further on.
  private static func rebuild(_ copy: UnsafeMutableRawPointer) {
    var entries: [(id: ID, slot: UInt32)] = []
    for line in 0..<IndexBlock.lines {
      for position in 0..<IndexBlock.count(inLine: line, of: copy) {
        entries.append(IndexBlock.entry(copy, line: line, position))
      }
    }
    IndexBlock.clear(copy)
    for (id, slot) in entries { IndexBlock.insert(copy, id, hash: loam_mix64(id), slot: slot) }
  }

  private func entries(_ copy: UnsafeMutableRawPointer) -> Int {
    copy.load(fromByteOffset: IndexBlock.bytes, as: Int.self)
  }

  private func setEntries(_ copy: UnsafeMutableRawPointer, _ count: Int) {
    copy.storeBytes(of: count, toByteOffset: IndexBlock.bytes, as: Int.self)
  }

  private func ownedBlock(of hash: UInt64) throws(StoreError) -> UnsafeMutableRawPointer {
    let word = word(of: hash)
    if words[word].isWarm { return words[word].copy }
    if words[word].isOwned { return warm(word) }
    let content = try block(of: hash)
    let copy = memory.allocate(Self.copyBytes)
    copy.copyMemory(from: content, byteCount: IndexBlock.bytes)
    setEntries(copy, IndexBlock.count(content)!)
    let (first, count, _) = range(of: word)
    for word in first..<first + count { words[word] = .dirty(copy) }
    copies += 1
    return copy
  }

  private func warm(_ word: Int) -> UnsafeMutableRawPointer {
    let copy = words[word].copy
    let (first, count, _) = range(of: word)
    for word in first..<first + count { words[word] = .dirty(copy) }
    return copy
  }

  /// Two blocks one bit deeper take the place of an owned one.
  private func split(_ word: Int) throws(StoreError) {
    if Int(depths[word]) == depth {
      double()
      return try split(word * 2)
    }
    let old = words[word].copy
    let blockDepth = Int(depths[word])
    let (first, count, number) = range(of: word)
    let halves = (0..<2).map { _ in
      let half = memory.allocate(Self.copyBytes)
      IndexBlock.clear(half)
      setEntries(half, 0)
      return half
    }
    for line in 0..<IndexBlock.lines {
      for position in 0..<IndexBlock.count(inLine: line, of: old) {
        let (id, slot) = IndexBlock.entry(old, line: line, position)
        let hash = loam_mix64(id)
        let half = halves[Int(hash >> UInt64(47 - blockDepth) & 1)]
        IndexBlock.insert(half, id, hash: hash, slot: slot)
        setEntries(half, entries(half) + 1)
      }
    }
    for word in first..<first + count {
      words[word] = .dirty(halves[word < first + count / 2 ? 0 : 1])
      depths[word] = UInt8(blockDepth + 1)
    }
    memory.deallocate(old, Self.copyBytes)
    copies += 1
    let address = BlockAddress(table: table, column: IDTableLayout.index, block: number)
    let inBase = try snapshot.block(address, shard: shard) != nil
    if inBase || flushed.contains(number) { removed.append(number) }
  }

  private func double() {
    let larger = BlockWords(count: words.count * 2)
    for word in 0..<larger.count { larger[word] = words[word / 2] }
    depths = (0..<larger.count).map { depths[$0 / 2] }
    words = larger
    depth += 1
  }

  /// The blocks to put: copies, and deletions of what was split. Valid until the copies are dropped.
  func pending() throws(StoreError) -> [PendingBlock] {
    var blocks = removed.map {
      PendingBlock.deletion(BlockAddress(table: table, column: IDTableLayout.index, block: $0))
    }
    try forEachBlock { (number, word) throws(StoreError) in
      guard words[word].isDirty else { return }
      flushed.insert(number)
      blocks.append(pending(number, word))
    }
    return blocks
  }

  func pending(_ number: UInt64, _ word: Int) -> PendingBlock {
    PendingBlock(
      BlockAddress(table: table, column: IDTableLayout.index, block: number), rows: IndexBlock.lines,
      stride: IndexBlock.lineBytes,
      content: UnsafeRawBufferPointer(start: words[word].copy, count: IndexBlock.bytes))
  }

  func deallocate(_ copy: UnsafeMutableRawPointer) {
    memory.deallocate(copy, Self.copyBytes)
    copies -= 1
  }

  func dropCopies() {
    var word = 0
    while word < words.count {
      if words[word].isOwned { memory.deallocate(words[word].copy, Self.copyBytes) }
      let count = range(of: word).count
      for word in word..<word + count { words[word] = .none }
      word += count
    }
    copies = 0
  }
}
