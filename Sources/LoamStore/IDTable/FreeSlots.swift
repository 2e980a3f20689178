import Synchronization

/// The slots of one shard that have no ID, because theirs was removed and no new one has come yet.
///
/// ```
///   column 4, block n     one bit for each slot from 32,256 n on: 1 is free       no block: none of them is
/// ```
///
/// They are blocks like the index and the rows, so each version has its own: a slot may go to a new ID in the very write
/// that took it from an old one, since older versions find the old ID by their index and its row in their blocks.
final class FreeSlots: Sendable {
  /// As many as fit a page of the map behind both headers.
  static let slotsPerBlock = 63 * 512
  private static let wordsPerBlock = slotsPerBlock / 64

  private struct State {
    /// `nil`: not read yet.
    var set: SlotSet?
    /// Blocks that a writer changed.
    var dirty: Set<Int> = []
    /// No slot below this one is free.
    var first: UInt32 = 0
  }
  private let state = Mutex(State())
  private let snapshot: Snapshot
  private let table: UInt32
  private let shard: Int
  /// Of the snapshot: slots in use or free.
  private let slots: UInt32

  /// - Parameter count: free slots of the snapshot, as its meta block has it. Nothing is read where there are none.
  init(_ snapshot: Snapshot, table: UInt32, shard: Int, slots: UInt32, count: UInt32) {
    (self.snapshot, self.table, self.shard, self.slots) = (snapshot, table, shard, slots)
    if count == 0 { state.withLock { $0.set = SlotSet() } }
  }

  private func address(_ block: Int) -> BlockAddress {
    BlockAddress(table: table, column: IDTableLayout.free, block: UInt64(block))
  }

  /// The free slots as they are now.
  func set() throws(StoreError) -> SlotSet {
    if let known = state.withLock({ $0.set }) { return known }
    let read = try read()
    return state.withLock { state in
      if state.set == nil { state.set = read }
      return state.set!
    }
  }

  private func read() throws(StoreError) -> SlotSet {
    var set = SlotSet()
    for block in try snapshot.blocks(table: table, column: IDTableLayout.free, shard: shard) {
      try snapshot.verifyOnce(block)
      let place = "shard \(shard) \(block.address)"
      guard block.address.block < UInt64(slots) / UInt64(Self.slotsPerBlock) + 1 else {
        throw StoreError(.badBlock, "\(place): beyond the \(slots) slots of the shard")
      }
      let words = try block.content().reading(place) { (reader) throws(StoreError) in
        let words: [UInt64] = try reader.array(Self.wordsPerBlock)
        try reader.end()
        return words
      }
      set.insert(words, at: Int(block.address.block) * Self.wordsPerBlock)
    }
    return set
  }

  /// The lowest free slot.
  func first() throws(StoreError) -> UInt32? {
    let from = state.withLock { $0.first }
    let found = try set().first(from: from)
    state.withLock { $0.first = found ?? $0.first }
    return found
  }

  func insert(_ slot: UInt32) throws(StoreError) { try change(slot) { $0.insert(slot) } }
  func remove(_ slot: UInt32) throws(StoreError) { try change(slot) { $0.remove(slot) } }

  private func change(_ slot: UInt32, _ body: (inout SlotSet) -> Void) throws(StoreError) {
    _ = try set()
    state.withLock { state in
      body(&state.set!)
      state.dirty.insert(Int(slot) / Self.slotsPerBlock)
      state.first = min(state.first, slot)
    }
  }

  /// Adds the blocks that were changed; one without a free slot ends.
  func addPending(to batch: BlockBatch) {
    let (set, dirty) = state.withLock { ($0.set, $0.dirty) }
    guard let set else { return }
    for block in dirty.sorted() {
      let words = set.words(at: block * Self.wordsPerBlock, count: Self.wordsPerBlock)
      if words.allSatisfy({ $0 == 0 }) {
        batch.append([PendingBlock.deletion(address(block))])
      } else {
        var writer = ByteWriter()
        writer.append(array: words)
        batch.append(writer.bytes, at: address(block), rows: Self.wordsPerBlock)
      }
    }
  }
}
