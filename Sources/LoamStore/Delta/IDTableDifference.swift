import LoamSchema

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How the rows of an ID table differ between two versions of a store.
///
/// ```
///   blocks of IDs or of free slots that differ     slot by slot: IDs that came, went, or moved to another slot
///   blocks of columns that differ                  slot by slot: the rows of IDs that stayed
/// ```
///
/// A slot belongs to the same ID in both versions unless a removal or a revert lies between them; an ID that moved is
/// compared in full.
struct IDTableDifference {
  struct Row {
    var id: ID
    /// `.none` for a row that came.
    var older: RowReference
    var newer: RowReference
  }
  /// In the order of slots, which is the order of arrival.
  private(set) var inserted: [Row] = []
  /// Ascending by ID.
  private(set) var changed: [Row] = []
  /// Ascending.
  private(set) var removed: [ID] = []
  let older: IDTableReader?
  let newer: IDTableReader

  /// - Parameter older: `nil`: every row of the newer version counts as inserted.
  init(_ older: Snapshot?, _ newer: Snapshot, _ name: TableName) throws(StoreError) {
    guard let reader = try IDTableReader(newer, name) else {
      preconditionFailure("\(name) is not a table of version \(newer.record.version)")
    }
    self.newer = reader
    if let older { self.older = try IDTableReader(older, name) } else { self.older = nil }
    guard self.older.map({ $0.spec == reader.spec }) ?? true else {
      throw StoreError(.tableBusy, "\(name) got a column while its versions were opened", hint: "Repeat.")
    }
    let generation = reader.shards.first?.meta.generation ?? 0
    guard generation == self.older?.shards.first?.meta.generation ?? 0 else {
      throw StoreError(
        .notAllowed, "\(name) was initialised anew: its rows cannot be compared with those of an earlier generation")
    }
    for shard in 0..<newer.shardCount { try compare(shard, self.older == nil ? nil : older, newer) }
    changed.sort { $0.id < $1.id }
    removed.sort()
  }

  private mutating func compare(_ shard: Int, _ old: Snapshot?, _ new: Snapshot) throws(StoreError) {
    let slots = (old: older?.shards[shard].meta.slots ?? 0, new: newer.shards[shard].meta.slots)
    let table = newer.spec.number
    let free = (old: try older?.shards[shard].free.set() ?? SlotSet(), new: try newer.shards[shard].free.set())
    var looked = SlotSet()
    let ids = try ChangedBlocks(old, new, table: table, column: IDTableLayout.ids, shard: shard)
    Self.forEachSlot(ids, RowLayout(IDTableLayout.idColumn).rowsPerBlock, max(slots.old, slots.new)) {
      looked.insert($0)
    }
    // An ID may go without its block of IDs being touched.
    let freed = try ChangedBlocks(old, new, table: table, column: IDTableLayout.free, shard: shard)
    Self.forEachSlot(freed, FreeSlots.slotsPerBlock, max(slots.old, slots.new)) { slot in
      if free.old.contains(slot) != free.new.contains(slot) { looked.insert(slot) }
    }
    var (moved, touched) = (SlotSet(), SlotSet())
    try looked.forEach { (slot) throws(StoreError) in
      let reference = RowReference(shard: shard, slot: slot)
      let before = slot < slots.old && !free.old.contains(slot) ? try older?.id(of: reference) : nil
      let after = slot < slots.new && !free.new.contains(slot) ? try newer.id(of: reference) : nil
      guard before != after else { return }
      if after != nil { moved.insert(slot) }
      if let before, try newer.find(before).isNone { removed.append(before) }
    }
    for column in newer.spec.columns {
      let blocks = try ChangedBlocks(old, new, table: table, column: column.number, shard: shard)
      Self.forEachSlot(blocks, RowLayout(column).rowsPerBlock, slots.new) { touched.insert($0) }
    }
    touched.formUnion(moved)
    let comparison = RowComparison(older, newer)
    try touched.forEach { (slot) throws(StoreError) in
      if free.new.contains(slot) { return }
      let reference = RowReference(shard: shard, slot: slot)
      let id = try newer.id(of: reference)
      let before = moved.contains(slot) ? try older?.find(id) ?? .none : reference
      if before.isNone {
        inserted.append(Row(id: id, older: .none, newer: reference))
      } else if try comparison.differs(before, reference) {
        changed.append(Row(id: id, older: before, newer: reference))
      }
    }
  }

  private static func forEachSlot(
    _ blocks: ChangedBlocks, _ slotsPerBlock: Int, _ count: UInt32, _ body: (UInt32) -> Void
  ) {
    for number in blocks.numbers {
      let first = min(number * UInt64(slotsPerBlock), UInt64(count))
      for slot in UInt32(first)..<UInt32(min(first + UInt64(slotsPerBlock), UInt64(count))) { body(slot) }
    }
  }
}

/// Compares the rows of two versions column by column.
private final class RowComparison {
  private let older: IDTableReader?
  private let newer: IDTableReader
  private let strides: [Int]
  private let bytes: UnsafeMutableRawBufferPointer

  init(_ older: IDTableReader?, _ newer: IDTableReader) {
    (self.older, self.newer) = (older, newer)
    strides = newer.spec.columns.map(\.stride)
    bytes = .allocate(byteCount: 2 * max(strides.max() ?? 0, 8), alignment: 8)
  }

  deinit { bytes.deallocate() }

  func differs(_ old: RowReference, _ new: RowReference) throws(StoreError) -> Bool {
    guard let older, let before = bytes.baseAddress else { return true }
    let after = before + bytes.count / 2
    for (column, stride) in strides.enumerated() {
      try older.read(column, old, into: before)
      try newer.read(column, new, into: after)
      if memcmp(before, after, stride) != 0 { return true }
    }
    return false
  }
}
