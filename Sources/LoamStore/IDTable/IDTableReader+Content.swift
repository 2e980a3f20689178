import LoamSchema

extension IDTableReader {
  /// Rows that are read together.
  private static var rowsAtOnce: UInt32 { 4_096 }

  /// The sum over all rows of hash(column name, ID, row as stored): what the column holds, whatever the order of rows,
  /// the number of shards, or what else the table has.
  ///
  /// Unlike the column's part of the table's root, rows that are still initial count too.
  public func contentRoot(of column: String) throws(StoreError) -> Root {
    let index = try columnIndex(column)
    let stride = spec.columns[index].stride
    let salt = RowHash.salt(column)
    let scratch = UnsafeMutableRawPointer.allocate(byteCount: Int(Self.rowsAtOnce) * stride, alignment: 64)
    defer { scratch.deallocate() }
    var places = [UnsafeRawPointer?](repeating: nil, count: Int(Self.rowsAtOnce))
    var sum: UInt128 = 0
    for shard in 0..<shardCount {
      let free = try shards[shard].free.set()
      let slots = slots(shard: shard)
      var first = slots.lowerBound
      while first < slots.upperBound {
        let piece = first..<min(first + Self.rowsAtOnce, slots.upperBound)
        try locate(index, shard: shard, slots: piece, scratch: scratch, into: &places)
        for (position, slot) in piece.enumerated() where !free.contains(slot) {
          let row = UnsafeRawBufferPointer(start: places[position], count: stride)
          sum &+= RowHash.of(salt: salt, key: try shards[shard].id(slot), payload: row)
        }
        first = piece.upperBound
      }
    }
    return Root(sum)
  }
}
