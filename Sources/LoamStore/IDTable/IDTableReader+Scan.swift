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
    try snapshot.requireUsable()
    let source = shards[shard]
    let column = source.columns[columnIndex]
    let (layout, patches) = (column.layout, column.patches)
    var place = 0
    var slot = slots.lowerBound
    while slot < slots.upperBound {
      let block = layout.block(of: slot)
      let first = Int(slot) - block * layout.rowsPerBlock
      let count = min(layout.rowsPerBlock - first, Int(slots.upperBound - slot))
      if let rows = try column.rows(block: block) {
        for row in 0..<count { places[place + row] = rows + (first + row) * layout.stride }
        if let patches, patches.hasRows(block: block) {
          for row in 0..<count {
            if let patched = patches.row(block: block, row: first + row) { places[place + row] = patched }
          }
        }
      } else {
        for row in 0..<count {
          let out = scratch + (place + row) * layout.stride
          try source.read(columnIndex, slot + UInt32(row), into: out)
          places[place + row] = UnsafeRawPointer(out)
        }
      }
      place += count
      slot += UInt32(count)
    }
  }

  /// The ID whose row this is; `nil` where it was removed.
  public func idInUse(_ row: RowReference) throws(StoreError) -> ID? {
    try shards[row.shard].free.set().contains(row.slot) ? nil : try id(of: row)
  }
}
