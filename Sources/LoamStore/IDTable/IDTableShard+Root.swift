import LoamSchema

/// A shard's part of the table's root.
///
/// ```
///   for each ID       hash("/id", ID), and hash("/string", ID, bytes) where it has a string
///   for each column   hash(column name, ID, row) of every row that is not the ID's initial one
///   for the table     hash("/generation", generation), if that is not 0
/// ```
///
/// Initial rows count nothing because whether they are stored depends on which blocks were touched, and the root must
/// not. Free slots count nothing.
extension IDTableShard {
  private func hash(ofID slot: UInt32) throws(StoreError) -> UInt128 {
    let id = try id(slot)
    let sum = RowHash.of(salt: IDTableLayout.idSalt, key: id, payload: UnsafeRawBufferPointer(start: nil, count: 0))
    guard meta.hasStrings else { return sum }
    let ofString: UInt128 = try dictionary.withString(slot) { string in
      string?.withUnsafeBytes { RowHash.of(salt: IDTableLayout.stringSalt, key: id, payload: $0) } ?? 0
    }
    return sum &+ ofString
  }

  private func hash(_ column: Int, _ slot: UInt32, salt: UInt64) throws(StoreError) -> UInt128 {
    guard let row = try columns[column].row(slot) else { return 0 }
    let id = try id(slot)
    if initial[column].equals(id, row) { return 0 }
    let stride = columns[column].layout.stride
    return RowHash.of(salt: salt, key: id, payload: UnsafeRawBufferPointer(start: row, count: stride))
  }

  /// Everything that one slot in use counts.
  private func hash(ofSlot slot: UInt32, salts: [UInt64]) throws(StoreError) -> UInt128 {
    var sum = try hash(ofID: slot)
    for column in columns.indices { sum &+= try hash(column, slot, salt: salts[column]) }
    return sum
  }

  private var salts: [UInt64] { columns.map { RowHash.salt($0.column.name) } }

  /// Hashed in a millisecond.
  private static let blocksATurn = 64

  /// What the changes since the snapshot add to the root.
  ///
  /// - Parameter turns: of which the caller has one.
  func rootDelta(_ turns: Turns? = nil) throws(StoreError) -> UInt128 {
    var delta = try moved.isEmpty ? 0 : moves()
    for slot in ids.slots..<meta.slots where !moved.contains(slot) { delta &+= try hash(ofID: slot) }
    let leftOut = moved.isEmpty ? nil : moved
    for (blocks, initial) in zip(columns, initial) {
      var changed = ChangedRows(blocks, ids: ids, initial: initial, slots: meta.slots, leftOut: leftOut)
      for block in 0..<blocks.words.count where blocks.isChanged(block) {
        try changed.add(block: block)
        if block % Self.blocksATurn == 0 { turns?.letOthersPass() }
      }
      delta &+= changed.finish()
    }
    return delta
  }

  /// What the slots that lost or got an ID add to the root: all of the old ID's goes, whether a block of it was touched
  /// or not, and all of the new one's comes.
  private func moves() throws(StoreError) -> UInt128 {
    let base = try IDTableShard(snapshot, spec, number: number)
    let (before, after) = (try base.free.set(), try free.set())
    let salts = salts
    var delta: UInt128 = 0
    try moved.forEach { (slot) throws(StoreError) in
      if slot < base.meta.slots, !before.contains(slot) { delta &-= try base.hash(ofSlot: slot, salts: salts) }
      if !after.contains(slot) { delta &+= try hash(ofSlot: slot, salts: salts) }
    }
    return delta
  }

  /// The whole part, from the stored rows.
  func root() throws(StoreError) -> UInt128 {
    var root: UInt128 = 0
    let free = try free.set()
    for slot in 0..<meta.slots where !free.contains(slot) { root &+= try hash(ofID: slot) }
    for (column, salt) in salts.enumerated() {
      for slot in 0..<meta.slots where !free.contains(slot) { root &+= try hash(column, slot, salt: salt) }
    }
    if number == 0 && meta.generation != 0 {
      root &+= RowHash.of(
        salt: IDTableLayout.generationSalt, key: UInt64(meta.generation),
        payload: UnsafeRawBufferPointer(start: nil, count: 0))
    }
    return root
  }
}
