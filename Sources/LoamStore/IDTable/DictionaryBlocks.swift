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
    /// Changed by a writer, and their bytes.
    var dirty: [Int: DictionaryBlock] = [:]
    var dirtyBytes = 0
    /// Strings of the blocks that were put early.
    var putEarly: [Int: Int] = [:]
    var put: PutBlocks?
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
    let number = Int(slot) / IDTableLayout.stringsPerBlock
    let row = Int(slot) % IDTableLayout.stringsPerBlock
    let cached: R? = state.withLock { state in
      (state.dirty[number] ?? state.decoded[number]).map { body($0[row]) }
    }
    if let cached { return cached }
    let block = try load(number)
    state.withLock { state in
      if state.bytes > Self.cacheBytesMax { (state.decoded, state.bytes) = ([:], 0) }
      if state.decoded.updateValue(block, forKey: number) == nil { state.bytes += block.byteCount }
    }
    return body(block[row])
  }

  /// The string of the slot just taken, or `nil` for none.
  func append(_ slot: UInt32, _ string: UnsafeRawBufferPointer?) throws(StoreError) {
    try change(slot) { $0.append(string) }
  }

  /// Another string for a slot that has had one, or `nil` for none.
  func replace(_ slot: UInt32, _ string: UnsafeRawBufferPointer?) throws(StoreError) {
    try change(slot) { $0.replace(Int(slot) % IDTableLayout.stringsPerBlock, string) }
  }

  private func change(_ slot: UInt32, _ body: (inout DictionaryBlock) -> Void) throws(StoreError) {
    let number = Int(slot) / IDTableLayout.stringsPerBlock
    let known = state.withLock { $0.dirty[number] != nil }
    let loaded = known ? nil : try load(number)
    let more = state.withLock { state in
      let before = state.dirty[number]?.byteCount ?? 0
      if let loaded {
        state.dirty[number] = loaded
        if let cached = state.decoded.removeValue(forKey: number) { state.bytes -= cached.byteCount }
      }
      body(&state.dirty[number]!)
      let more = state.dirty[number]!.byteCount - before
      state.dirtyBytes += more
      return more
    }
    memory?.count(more)
  }

  /// Puts the blocks that were changed, all but the last, which the next strings go to.
  func putEarly(_ write: Write) throws(StoreError) {
    let dirty = state.withLock { $0.dirty }
    let last = dirty.keys.max()
    let batch = BlockBatch()
    for (number, block) in dirty.sorted(by: { $0.key < $1.key }) where number != last {
      batch.append(block.content, at: address(number), rows: block.rows)
      try batch.putIfFull(write, shard: shard)
    }
    try batch.put(write, shard: shard)
    let freed = state.withLock { state in
      state.put = write.putBlocks
      var freed = 0
      for (number, block) in dirty where number != last {
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
    for (number, block) in dirty.sorted(by: { $0.key < $1.key }) {
      batch.append(block.content, at: address(number), rows: block.rows)
    }
  }
}
