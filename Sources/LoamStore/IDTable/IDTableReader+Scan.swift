import LoamSchema

/// Rows in the order in which they lie, for questions that look at all of them.
extension IDTableReader {
  public var shardCount: Int { shards.count }

  /// The slots of a shard.
  public func slots(shard: Int) -> Range<UInt32> { 0..<shards[shard].meta.slots }

  /// Where the rows of some slots lie, in their order: in the store's map, or, where a row is initial and stored nowhere,
  /// in `scratch`, which has room for as many rows.
  ///
  /// A slot whose row was removed has a place too; `idInUse` tells.
  public func locate(
    _ columnIndex: Int, shard: Int, slots: Range<UInt32>, scratch: UnsafeMutableRawPointer,
    into places: UnsafeMutablePointer<UnsafeRawPointer?>
  ) throws(StoreError) {
    let stride = spec.columns[columnIndex].stride
    let source = shards[shard]
    for (position, slot) in slots.enumerated() {
      if let row = try source.columns[columnIndex].row(slot) {
        places[position] = row
      } else {
        let row = scratch + position * stride
        try source.read(columnIndex, slot, into: row)
        places[position] = UnsafeRawPointer(row)
      }
    }
  }

  /// The ID whose row this is; `nil` where it was removed.
  public func idInUse(_ row: RowReference) throws(StoreError) -> ID? {
    try shards[row.shard].free.set().contains(row.slot) ? nil : try id(of: row)
  }
}
