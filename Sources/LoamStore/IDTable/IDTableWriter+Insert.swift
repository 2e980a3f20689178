import LoamKernels
import LoamSchema

/// Many new rows in one call.
///
/// ```
///   ids ─ find ─▶ those without a row, by shard ─▶ groups: lines of the index asked for together
///                                                          ├─▶ slots, in the order of the IDs
///                                                          └─▶ IDs, initial rows and strings, run after run
/// ```
extension IDTableWriter {
  /// The rows of IDs, new ones with initial values for those that had none, in the order of their first place in `ids`.
  public func findOrInsert(_ ids: UnsafeBufferPointer<ID>, into rows: UnsafeMutableBufferPointer<RowReference>)
    throws(StoreError)
  {
    try find(ids, into: rows)
    try insertMissing(ids, nil, into: rows)
  }

  /// The same with the strings of the IDs, for the dictionary. Another string with the same ID is refused with
  /// `hashCollision`, naming both.
  public func findOrInsert(
    _ ids: UnsafeBufferPointer<ID>, utf8 strings: UnsafeBufferPointer<UnsafeRawBufferPointer>,
    into rows: UnsafeMutableBufferPointer<RowReference>
  ) throws(StoreError) {
    precondition(strings.count == ids.count, "a string for each ID")
    try find(ids, into: rows)
    var known = [[(slot: UInt32, string: UnsafeRawBufferPointer)]](repeating: [], count: shards.count)
    for position in ids.indices where !rows[position].isNone {
      known[rows[position].shard].append((rows[position].slot, strings[position]))
    }
    for (shard, rows) in zip(shards, known) { try shard.requireSame(rows) }
    try insertMissing(ids, strings, into: rows)
  }

  /// New rows with initial values for the IDs whose reference is `.none` after a `find`; the others stay as they are.
  public func insertMissing(_ ids: UnsafeBufferPointer<ID>, into rows: UnsafeMutableBufferPointer<RowReference>)
    throws(StoreError)
  {
    precondition(rows.count == ids.count, "a reference for each ID")
    try insertMissing(ids, nil, into: rows)
  }

  private func insertMissing(
    _ ids: UnsafeBufferPointer<ID>, _ strings: UnsafeBufferPointer<UnsafeRawBufferPointer>?,
    into rows: UnsafeMutableBufferPointer<RowReference>
  ) throws(StoreError) {
    let share = rows.count(where: \.isNone) / shards.count
    var missing = [[NewRow]](repeating: [], count: shards.count)
    // Hashes spread IDs evenly over the shards.
    for number in missing.indices where share > 0 { missing[number].reserveCapacity(share * 5 / 4 + 16) }
    for position in ids.indices where rows[position].isNone {
      let hash = loam_mix64(ids[position])
      missing[Sharding.shard(hash: hash, count: shards.count)].append(
        NewRow(id: ids[position], hash: hash, position: position, string: strings?[position]))
    }
    for (number, missing) in missing.enumerated() {
      for first in stride(from: 0, to: missing.count, by: LookupGroup.count) {
        let group = missing[first..<min(first + LookupGroup.count, missing.count)]
        try shards[number].insert(group) { rows[$0.position] = RowReference(shard: number, slot: $1) }
        try putEarlyIfFull(shard: number)
      }
    }
  }
}

/// An ID that has no row, or had none when it was looked up.
struct NewRow {
  var id: ID
  var hash: UInt64
  /// Among the IDs of the call.
  var position: Int
  var string: UnsafeRawBufferPointer?
}
