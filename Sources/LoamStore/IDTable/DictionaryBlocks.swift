import Synchronization

/// The strings of one shard of an ID table.
///
/// Decoded blocks are kept, up to a number of bytes; those that a writer changed are kept until they were put, and read
/// back from there.
final class DictionaryBlocks: Sendable {
  private static let cacheBytesMax = 16 << 20
  /// The bytes of one string: a bound for what a row may bring.
  static let stringBytesMax = 1 << 16

  private struct State {
    var decoded: [Int: DictionaryBlock] = [:]
    var bytes = 0
    /// By block those that a writer has changed, and their bytes.
    var dirty: [DictionaryBlock?] = []
    var dirtyBytes = 0
    /// Strings of the blocks that were put early.
    var putEarly: [Int: Int] = [:]
    var put: PutBlocks?

    /// Runs `body` on a block that is in memory.
    func withKnown<R>(_ number: Int, _ body: (borrowing DictionaryBlock) -> R) -> R? {
      if number < dirty.count, let block = dirty[number] { return body(block) }
      return decoded[number].map { body($0) }
    }

    /// Compares as far as blocks are in memory: the first row that is not compared, or whose string is another one.
    func compare(
      _ rows: [(slot: UInt32, string: UnsafeRawBufferPointer)], from start: Int
    ) -> (end: Int, isDifferent: Bool) {
      let perBlock = IDTableLayout.stringsPerBlock
      for index in start..<rows.count {
        if index + 2 * Self.ahead < rows.count {
          let slot = Int(rows[index + 2 * Self.ahead].slot)
          if slot / perBlock < dirty.count { dirty[slot / perBlock]?.prefetchPlace(slot % perBlock) }
        }
        if index + Self.ahead < rows.count {
          let slot = Int(rows[index + Self.ahead].slot)
          if slot / perBlock < dirty.count { dirty[slot / perBlock]?.prefetchString(slot % perBlock) }
        }
        let slot = Int(rows[index].slot)
        let (number, string) = (slot / perBlock, rows[index].string)
        let known = number < dirty.count ? dirty[number]?.isString(slot % perBlock, string) : nil
        guard let same = known ?? decoded[number]?.isString(slot % perBlock, string) else { return (index, false) }
        if !same { return (index, true) }
      }
      return (rows.count, false)
    }
    /// Rows whose strings are on their way at once.
    private static let ahead = 8

    /// Changes a block that was changed before, or one as it was loaded; the bytes that it grows by. Nil: to be loaded.
    mutating func change(
      _ number: Int, loaded: DictionaryBlock? = nil, _ body: (inout DictionaryBlock) -> Void
    ) -> Int? {
      if let loaded {
        while dirty.count <= number { dirty.append(nil) }
        dirty[number] = loaded
        if let cached = decoded.removeValue(forKey: number) { bytes -= cached.byteCount }
      }
      guard number < dirty.count, dirty[number] != nil else { return nil }
      let before = loaded == nil ? dirty[number]!.byteCount : 0
      body(&dirty[number]!)
      let more = dirty[number]!.byteCount - before
      dirtyBytes += more
      return more
    }
  }
  private let state = Mutex(State())
  private let snapshot: Snapshot
  private let table: UInt32
  private let shard: Int
  private let slots: UInt32
  /// Of a writer.
  private let memory: CopyMemory?

  init(_ snapshot: Snapshot, table: UInt32, shard: Int, slots: UInt32, memory: CopyMemory? = nil) {
    (self.snapshot, self.table, self.shard, self.slots) = (snapshot, table, shard, slots)
    self.memory = memory
  }

  deinit { memory?.count(-dirtyBytes) }

  var dirtyBytes: Int { state.withLock { $0.dirtyBytes } }

  private func address(_ block: Int) -> BlockAddress {
    BlockAddress(table: table, column: IDTableLayout.dictionary, block: UInt64(block))
  }

  private func load(_ number: Int) throws(StoreError) -> DictionaryBlock {
    let (rowsPut, put) = state.withLock { ($0.putEarly[number], $0.put) }
    if let rowsPut, let content = try put?.content(address(number), shard: shard) ?? nil {
      return try DictionaryBlock(content, rows: rowsPut, place: "shard \(shard) \(address(number))")
    }
    let rows = max(0, min(IDTableLayout.stringsPerBlock, Int(slots) - number * IDTableLayout.stringsPerBlock))
    guard let block = try snapshot.block(address(number), shard: shard) else {
      // The table had no strings when these slots were taken.
      var absent = DictionaryBlock()
      for _ in 0..<rows { absent.append(nil) }
      return absent
    }
    return try DictionaryBlock(try block.content(), rows: rows, place: "shard \(shard) \(block.address)")
  }

  /// Runs `body` with the string of a slot in use.
  func withString<R: Sendable>(_ slot: UInt32, _ body: (ArraySlice<UInt8>?) -> R) throws(StoreError) -> R {
    try withBlock(slot) { body($0[$1]) }
  }

  /// Whether the string of a slot in use is this one; also true where the slot has none.
  func isString(_ slot: UInt32, _ string: UnsafeRawBufferPointer) throws(StoreError) -> Bool {
    try withBlock(slot) { $0.isString($1, string) }
  }

  /// The first of rows whose string is another than the one beside it; `nil`: there is none. Blocks are looked at under
  /// one lock, the strings of a few rows on their way to the cache together.
  func firstDifferent(_ rows: [(slot: UInt32, string: UnsafeRawBufferPointer)]) throws(StoreError) -> Int? {
    nonisolated(unsafe) let rows = rows
    var start = 0
    while start < rows.count {
      let (end, isDifferent) = state.withLock { [start] state in state.compare(rows, from: start) }
      if isDifferent { return end }
      guard end < rows.count else { return nil }
      // Its block is not in memory yet.
      if try !isString(rows[end].slot, rows[end].string) { return end }
      start = end + 1
    }
    return nil
  }

  private func withBlock<R: Sendable>(
    _ slot: UInt32, _ body: (borrowing DictionaryBlock, Int) -> R
  ) throws(StoreError) -> R {
    let number = Int(slot) / IDTableLayout.stringsPerBlock
    let row = Int(slot) % IDTableLayout.stringsPerBlock
    let known: R? = state.withLock { $0.withKnown(number) { body($0, row) } }
    if let known { return known }
    let block = try load(number)
    state.withLock { state in
      if state.bytes > Self.cacheBytesMax { (state.decoded, state.bytes) = ([:], 0) }
      if state.decoded.updateValue(block, forKey: number) == nil { state.bytes += block.byteCount }
    }
    return body(block, row)
  }

  /// The string of the slot just taken, or `nil` for none.
  func append(_ slot: UInt32, _ string: UnsafeRawBufferPointer?) throws(StoreError) {
    try change(slot) { $0.append(string) }
  }

  /// Another string for a slot that has had one, or `nil` for none.
  func replace(_ slot: UInt32, _ string: UnsafeRawBufferPointer?) throws(StoreError) {
    try change(slot) { $0.replace(Int(slot) % IDTableLayout.stringsPerBlock, string) }
  }

  /// The strings of slots just taken, one after the other from `first` on.
  func append(_ strings: some Sequence<UnsafeRawBufferPointer?>, from first: UInt32, count: Int) throws(StoreError) {
    var iterator = strings.makeIterator()
    var slot = Int(first)
    let end = slot + count
    while slot < end {
      let rows = min(end - slot, IDTableLayout.stringsPerBlock - slot % IDTableLayout.stringsPerBlock)
      try change(UInt32(slot)) { block in
        for _ in 0..<rows { block.append(iterator.next() ?? nil) }
      }
      slot += rows
    }
  }

  private func change(_ slot: UInt32, _ body: (inout DictionaryBlock) -> Void) throws(StoreError) {
    let number = Int(slot) / IDTableLayout.stringsPerBlock
    var more = state.withLock { $0.change(number, body) }
    if more == nil {
      let loaded = try load(number)
      more = state.withLock { $0.change(number, loaded: loaded, body) }
    }
    memory?.count(more ?? 0)
  }

  /// Puts the blocks that were changed, all but the last, which the next strings go to.
  func putEarly(_ write: Write) throws(StoreError) {
    let dirty = state.withLock { $0.dirty }
    let last = dirty.lastIndex { $0 != nil }
    let batch = BlockBatch()
    for (number, block) in dirty.enumerated() where number != last {
      guard let block else { continue }
      batch.append(block.content, at: address(number), rows: block.rows)
      try batch.putIfFull(write, shard: shard)
    }
    try batch.put(write, shard: shard)
    let freed = state.withLock { state in
      state.put = write.putBlocks
      var freed = 0
      for (number, block) in dirty.enumerated() where number != last {
        guard let block else { continue }
        state.putEarly[number] = block.rows
        state.dirty[number] = nil
        freed += block.byteCount
      }
      state.dirtyBytes -= freed
      return freed
    }
    memory?.count(-freed)
  }

  /// Adds the blocks that were changed.
  func addPending(to batch: BlockBatch) {
    let dirty = state.withLock { $0.dirty }
    for (number, block) in dirty.enumerated() {
      if let block { batch.append(block.content, at: address(number), rows: block.rows) }
    }
  }
}
