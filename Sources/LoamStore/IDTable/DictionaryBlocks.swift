import Synchronization

/// The strings of one shard of an ID table.
///
/// Decoded blocks are kept, up to a number of bytes; those that a writer changed are kept until they were put.
final class DictionaryBlocks: Sendable {
  private static let cacheBytesMax = 16 << 20
  /// The bytes of one string: a bound for what a row may bring.
  static let stringBytesMax = 1 << 16

  private struct State {
    var decoded: [Int: DictionaryBlock] = [:]
    var bytes = 0
    /// Changed by a writer.
    var dirty: [Int: DictionaryBlock] = [:]
  }
  private let state = Mutex(State())
  private let snapshot: Snapshot
  private let table: UInt32
  private let shard: Int
  private let slots: UInt32

  init(_ snapshot: Snapshot, table: UInt32, shard: Int, slots: UInt32) {
    (self.snapshot, self.table, self.shard, self.slots) = (snapshot, table, shard, slots)
  }

  private func address(_ block: Int) -> BlockAddress {
    BlockAddress(table: table, column: IDTableLayout.dictionary, block: UInt64(block))
  }

  private func load(_ number: Int) throws(StoreError) -> DictionaryBlock {
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
    state.withLock { state in
      if let loaded { state.dirty[number] = loaded }
      body(&state.dirty[number]!)
    }
  }

  /// Adds the blocks that were changed.
  func addPending(to batch: BlockBatch) {
    let dirty = state.withLock { $0.dirty }
    for (number, block) in dirty.sorted(by: { $0.key < $1.key }) {
      batch.append(block.content, at: address(number), rows: block.rows)
    }
  }
}
