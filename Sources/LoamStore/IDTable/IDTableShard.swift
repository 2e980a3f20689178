import LoamKernels
import LoamSchema

/// One shard of an ID table as a snapshot shows it, or as a writer has changed it.
final class IDTableShard: @unchecked Sendable {
  // A writer's shards are used by one thread at a time; a reader's are never changed. Hence no checks of exclusivity
  // where each insert looks.
  let snapshot: Snapshot
  let spec: TableSpec
  let number: Int
  @exclusivity(unchecked) var meta: IDTableMeta
  /// As the snapshot has it.
  let storedMeta: IDTableMeta
  let index: IndexDirectory
  let ids: ColumnBlocks
  /// In the order of `spec.columns`.
  let columns: [ColumnBlocks]
  let initial: [InitialRow]
  let dictionary: DictionaryBlocks
  let free: FreeSlots
  /// Slots that lost or got an ID by a removal of this write, or after one.
  var moved = SlotSet()
  /// An earlier flush of the write put the meta block.
  var isMetaPut = false

  /// - Parameters:
  ///   - memory: where a writer's copies lie; `nil` for a reader.
  ///   - other: the same shard at another version, open as well: what both share is not looked for again.
  init(
    _ snapshot: Snapshot, _ spec: TableSpec, number: Int, memory: CopyMemory? = nil, since other: IDTableShard? = nil
  ) throws(StoreError) {
    (self.snapshot, self.spec, self.number) = (snapshot, spec, number)
    let address = BlockAddress(table: spec.number, column: IDTableLayout.meta, block: 0)
    if let block = try snapshot.block(address, shard: number) {
      meta = try IDTableMeta(try block.content(), place: "shard \(number) \(spec.name) meta")
    } else {
      meta = IDTableMeta()
    }
    storedMeta = meta
    let changes = try other.flatMap { (other) throws(StoreError) in
      try BlockChanges(of: spec.number, from: other.snapshot, to: snapshot, shard: number)
    }
    let known = other.flatMap { other in changes.map { (shard: other, changes: $0) } }
    index = try IndexDirectory(
      snapshot, table: spec.number, shard: number, rows: Int(meta.rows), memory: memory ?? CopyMemory(),
      since: known.map { ($0.shard.index, $0.changes) })
    let slots = meta.slots
    // Before columns are made for as many slots as the bytes say.
    guard Int(meta.rows) <= index.listing.blocks.count * IndexBlock.capacity else {
      throw StoreError(
        .badBlock, "\(spec.name) shard \(number): \(meta.rows) rows in \(index.listing.blocks.count) index blocks")
    }
    if meta.free > 0 {
      let blocks = try snapshot.blocks(table: spec.number, column: IDTableLayout.free, shard: number).count
      guard Int(meta.free) <= blocks * FreeSlots.slotsPerBlock else {
        throw StoreError(.badBlock, "\(spec.name) shard \(number): \(meta.free) free slots in \(blocks) blocks of them")
      }
    }
    ids = try ColumnBlocks(
      snapshot, table: spec.number, column: IDTableLayout.idColumn, shard: number, slots: slots, memory: memory,
      since: known.map { ($0.shard.ids, $0.changes) })
    var columns: [ColumnBlocks] = []
    var initial: [InitialRow] = []
    for column in spec.columns {
      let same = known.flatMap { known in
        known.shard.columns.first { $0.column.number == column.number }.map { (blocks: $0, changes: known.changes) }
      }
      columns.append(
        try ColumnBlocks(
          snapshot, table: spec.number, column: column, shard: number, slots: slots, memory: memory, since: same))
      initial.append(try InitialRow(column, table: spec.name, generation: meta.generation))
    }
    (self.columns, self.initial) = (columns, initial)
    if memory != nil {
      for column in columns { column.takesRows = column.layout.rowsPerBlock >= ColumnBlocks.rowsLeast }
    }
    dictionary = DictionaryBlocks(snapshot, table: spec.number, shard: number, slots: slots, memory: memory)
    free = FreeSlots(snapshot, table: spec.number, shard: number, slots: slots, count: meta.free)
  }

  /// The slot of an ID, or `IndexBlock.absent`.
  @inline(__always)
  func find(_ id: ID, hash: UInt64) throws(StoreError) -> UInt32 {
    let slot = try index.find(id, hash: hash)
    guard slot < meta.slots || slot == IndexBlock.absent else { throw beyond(id, slot) }
    return slot
  }

  @inline(never)
  func beyond(_ id: ID, _ slot: UInt32) -> StoreError {
    StoreError(.badBlock, "\(spec.name) shard \(number): ID \(id) at slot \(slot) of \(meta.slots)")
  }

  /// The ID of a slot in use.
  func id(_ slot: UInt32) throws(StoreError) -> ID {
    guard let row = try ids.row(slot) else {
      throw StoreError(.badBlock, "\(spec.name) shard \(number): slot \(slot) has no ID")
    }
    return row.loadUnaligned(as: UInt64.self)
  }

  /// The string of a slot in use.
  func string(_ slot: UInt32) throws(StoreError) -> String? {
    guard meta.hasStrings else { return nil }
    return try dictionary.withString(slot) { $0.map { String(decoding: $0, as: UTF8.self) } }
  }

  /// Copies the row of a slot in use.
  @inline(__always)
  func read(_ column: Int, _ slot: UInt32, into row: UnsafeMutableRawPointer) throws(StoreError) {
    let blocks = columns[column]
    if let stored = try blocks.row(slot) {
      row.copyMemory(from: stored, byteCount: blocks.layout.stride)
    } else {
      initial[column].write(try id(slot), to: row)
    }
  }
}
