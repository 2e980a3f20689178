import LoamSchema

/// What a writer does to a shard: slots for new IDs, rows that change.
extension IDTableShard {
  /// The row of a slot in use, in place. Valid until the writer moves on to another version.
  @inline(__always)
  func row(_ column: Int, _ slot: UInt32) throws(StoreError) -> UnsafeRawPointer {
    if let row = try columns[column].row(slot) { return row }
    return UnsafeRawPointer(try ownedRow(column, slot, dirty: false))
  }

  @inline(__always)
  func mutableRow(_ column: Int, _ slot: UInt32) throws(StoreError) -> UnsafeMutableRawPointer {
    let blocks = columns[column]
    let block = blocks.layout.block(of: slot)
    if !blocks.words[block].isOwned, let row = try blocks.rowCopy(of: slot, block) { return row }
    let row = try ownedRow(column, slot, dirty: true)
    blocks.markChanged(slot)
    return row
  }

  @inline(__always)
  private func ownedRow(_ column: Int, _ slot: UInt32, dirty: Bool) throws(StoreError) -> UnsafeMutableRawPointer {
    let blocks = columns[column]
    let block = blocks.layout.block(of: slot)
    let rows = try blocks.copy(block: block, dirty: dirty) { rows throws(StoreError) in
      try writeInitialRows(column, block: block, to: rows)
    }
    return rows + blocks.layout.offset(of: slot, block: block)
  }

  private func writeInitialRows(_ column: Int, block: Int, to rows: UnsafeMutableRawPointer) throws(StoreError) {
    let layout = columns[column].layout
    let first = block * layout.rowsPerBlock
    for row in 0..<layout.rows(block: block, slots: meta.slots) {
      initial[column].write(try id(UInt32(first + row)), to: rows + row * layout.stride)
    }
  }

  /// The ID must be absent. Its slot, a free one where there is any, holds the initial row in every column from now on,
  /// and its string or none: nothing of an ID that had the slot before.
  func insert(_ id: ID, hash: UInt64, string: UnsafeRawBufferPointer?) throws(StoreError) -> UInt32 {
    let reused = meta.free > 0 ? try free.first() : nil
    let slot = reused ?? meta.slots
    guard slot < IDTableLayout.slotsMax else {
      throw StoreError(.tooLarge, "\(spec.name) shard \(number) is full at \(slot) rows")
    }
    if let string { try checkLength(of: string) }
    try index.insert(id, hash: hash, slot: slot)
    if reused != nil {
      try free.remove(slot)
      meta.free -= 1
      moved.insert(slot)
    } else {
      meta.slots = slot + 1
    }
    let block = ids.layout.block(of: slot)
    _ = try ids.append(slot)
    let rows = try ids.copy(block: block, dirty: true) { _ throws(StoreError) in }
    let row = rows + ids.layout.offset(of: slot, block: block)
    row.storeBytes(of: id, as: UInt64.self)
    for column in columns.indices {
      if let row = try columns[column].append(slot) { initial[column].write(id, to: row) }
    }
    if string != nil { try beginStrings(before: reused == nil ? slot : meta.slots) }
    if meta.hasStrings {
      if reused != nil { try dictionary.replace(slot, string) } else { try dictionary.append(slot, string) }
    }
    return slot
  }

  func checkLength(of string: UnsafeRawBufferPointer) throws(StoreError) {
    guard string.count <= DictionaryBlocks.stringBytesMax else {
      throw StoreError(
        .tooLarge, "\(spec.name): a string ID of \(string.count) bytes; at most \(DictionaryBlocks.stringBytesMax)")
    }
  }

  /// Slots below this one have none where the table had no strings before.
  func beginStrings(before slot: UInt32) throws(StoreError) {
    if meta.hasStrings { return }
    meta.hasStrings = true
    for earlier in ids.slots..<max(ids.slots, slot) { try dictionary.append(earlier, nil) }
  }

  /// Frees the slot of an ID; `false`: it has none. What lies in the slot is nobody's until a new ID's initial row
  /// takes its place.
  func remove(_ id: ID, hash: UInt64) throws(StoreError) -> Bool {
    let slot = try find(id, hash: hash)
    if slot == IndexBlock.absent { return false }
    try index.remove(id, hash: hash)
    try free.insert(slot)
    meta.free += 1
    moved.insert(slot)
    return true
  }

  /// Refuses a string whose hash is that of another one.
  func requireSame(_ string: UnsafeRawBufferPointer, at slot: UInt32) throws(StoreError) {
    guard meta.hasStrings, try !dictionary.isString(slot, string) else { return }
    let other: String? = try dictionary.withString(slot) { $0.map { String(decoding: $0, as: UTF8.self) } }
    if let other {
      throw StoreError(
        .hashCollision,
        "\(spec.name): \"\(String(decoding: string, as: UTF8.self))\" and \"\(other)\" have the same 64-bit ID",
        hint: "Rename one of the two in the input.")
    }
  }

  /// The same for many.
  func requireSame(_ rows: [(slot: UInt32, string: UnsafeRawBufferPointer)]) throws(StoreError) {
    guard meta.hasStrings, let other = try dictionary.firstDifferent(rows) else { return }
    try requireSame(rows[other].string, at: rows[other].slot)
  }

  /// Adds what changed to a batch that is put before the copies are dropped.
  func addPending(to batch: BlockBatch, of write: Write) throws(StoreError) {
    batch.append(try index.pending())
    for column in [ids] + columns { try column.addPending(slots: meta.slots, to: batch, of: write) }
    dictionary.addPending(to: batch)
    free.addPending(to: batch)
    let address = BlockAddress(table: spec.number, column: IDTableLayout.meta, block: 0)
    if meta != storedMeta || isMetaPut {
      batch.append(meta.bytes, at: address, rows: 1)
      isMetaPut = true
    }
  }
}
