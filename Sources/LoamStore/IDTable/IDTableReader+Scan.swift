import LoamSchema

/// Rows in the order in which they lie, for questions that look at all of them.
extension IDTableReader {
  public var shardCount: Int { shards.count }

  /// The slots of a shard, in use or not.
  public func slots(shard: Int) -> Range<UInt32> { 0..<shards[shard].meta.slots }

  /// Copies the rows of some slots side by side, with their references and IDs; those whose ID is not wanted are left
  /// out. All three need room for as many rows as there are slots.
  ///
  /// - Returns: how many rows were copied.
  public func scan(
    _ columnIndex: Int, shard: Int, slots: Range<UInt32>, references: UnsafeMutablePointer<RowReference>,
    ids: UnsafeMutablePointer<ID>, rows: UnsafeMutableRawPointer, where isWanted: (ID) -> Bool
  ) throws(StoreError) -> Int {
    let stride = spec.columns[columnIndex].stride
    let source = shards[shard]
    var count = 0
    for slot in slots {
      let id = try source.id(slot)
      guard isWanted(id) else { continue }
      try source.read(columnIndex, slot, into: rows + count * stride)
      ids[count] = id
      references[count] = RowReference(shard: shard, slot: slot)
      count += 1
    }
    return count
  }
}
