/// First values anew.
extension IDTableWriter {
  /// Gives every row of a shard the first values that its ID would have in another generation of the table: other draws
  /// where a column begins with draws, zeros where it begins with zeros. Generation 0 is what new rows begin with.
  ///
  /// Writes the rows. (What is made for tables whose rows are all used again soon; see docs/decisions/0006.)
  public func redraw(_ columnIndex: Int, generation: UInt32, shard number: Int) throws(StoreError) {
    let shard = shards[number]
    let first = try InitialRow(spec.columns[columnIndex], table: spec.name, generation: generation)
    let free = try shard.free.set()
    for slot in 0..<shard.meta.slots where !free.contains(slot) {
      try putEarlyIfFull(shard: number)
      first.write(try shard.id(slot), to: try shard.mutableRow(columnIndex, slot))
    }
  }
}
