import LoamKernels
import LoamSchema

/// Slots for a group of new IDs at once.
extension IDTableShard {
  /// Gives each ID a slot, in their order; an ID that occurs again has the one it got. Otherwise as `insert` of one.
  ///
  /// - Parameters:
  ///   - group: all with a string, or none of them.
  ///   - body: is told the slot of each.
  func insert(_ group: ArraySlice<NewRow>, _ body: (NewRow, UInt32) -> Void) throws(StoreError) {
    guard meta.free == 0 else { return try insertOneByOne(group, body) }
    for row in group { index.prefetch(row.hash) }
    try checkRoom(group)
    let first = meta.slots
    var fresh: [NewRow] = []
    var again: [(row: NewRow, slot: UInt32)] = []
    fresh.reserveCapacity(group.count)
    for row in group {
      let slot = first + UInt32(fresh.count)
      let known = try index.findOrInsert(row.id, hash: row.hash, slot: slot)
      if known == IndexBlock.absent { fresh.append(row) } else { again.append((row, known)) }
      body(row, known == IndexBlock.absent ? slot : known)
    }
    meta.slots = first + UInt32(fresh.count)
    try writeIDs(fresh, from: first)
    for column in columns.indices { try writeInitialRows(column, fresh, from: first) }
    try writeStrings(fresh, from: first)
    for (row, slot) in again {
      if let string = row.string { try requireSame(string, at: slot) }
    }
  }

  /// Free slots are taken first, wherever they lie.
  private func insertOneByOne(_ group: ArraySlice<NewRow>, _ body: (NewRow, UInt32) -> Void) throws(StoreError) {
    for row in group {
      var slot = try find(row.id, hash: row.hash)
      if slot == IndexBlock.absent {
        slot = try insert(row.id, hash: row.hash, string: row.string)
      } else if let string = row.string {
        try requireSame(string, at: slot)
      }
      body(row, slot)
    }
  }

  private func checkRoom(_ group: ArraySlice<NewRow>) throws(StoreError) {
    guard Int(meta.slots) + group.count <= Int(IDTableLayout.slotsMax) else {
      throw StoreError(.tooLarge, "\(spec.name) shard \(number) is full at \(meta.slots) rows")
    }
    for row in group {
      if let string = row.string { try checkLength(of: string) }
    }
  }

  private func writeIDs(_ fresh: [NewRow], from first: UInt32) throws(StoreError) {
    let slots = first..<meta.slots
    var slot = first
    while slot < slots.upperBound {
      let block = ids.layout.block(of: slot)
      let end = min(slots.upperBound, UInt32((block + 1) * ids.layout.rowsPerBlock))
      _ = try ids.append(slot)
      let rows = try ids.copy(block: block, dirty: true) { _ throws(StoreError) in }
      let start = rows + ids.layout.offset(of: slot, block: block)
      for other in slot..<end {
        start.storeBytes(of: fresh[Int(other - first)].id, toByteOffset: Int(other - slot) * 8, as: UInt64.self)
      }
      slot = end
    }
  }

  private func writeInitialRows(_ column: Int, _ fresh: [NewRow], from first: UInt32) throws(StoreError) {
    let (blocks, initial) = (columns[column], initial[column])
    let stride = blocks.layout.stride
    try blocks.append(first..<meta.slots) { rows, slots in
      for slot in slots {
        initial.write(fresh[Int(slot - first)].id, to: rows + Int(slot - slots.lowerBound) * stride)
      }
    }
  }

  private func writeStrings(_ fresh: [NewRow], from first: UInt32) throws(StoreError) {
    guard let row = fresh.first else { return }
    if row.string != nil { try beginStrings(before: first) }
    if meta.hasStrings {
      try dictionary.append(fresh.lazy.map(\.string), from: first, count: fresh.count)
    }
  }
}
