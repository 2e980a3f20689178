import LoamStore

/// Beginning anew in the middle of a run: re-initialisation of embeddings at each epoch (MEDA, arXiv 2305.19531).
extension TrainingTable {
  /// Gives every row of a shard first values of another draw, and its optimizer's columns what they began with. Counts
  /// and last steps stay. Different shards may be worked on at once.
  func beginAnew(shard: Int, generation: UInt32) throws(StoreError) {
    for column in layout.trained {
      try writer.redraw(column.index, generation: generation, shard: shard)
      for slot in column.slots { try writer.redraw(slot, generation: generation, shard: shard) }
    }
    guard layout.decay != nil || optimizer.initialAccumulator > 0 else { return }
    for slot in 0..<writer.rowCount(shard: shard) {
      try writer.putEarlyIfFull(shard: shard)
      try prepare(RowReference(shard: shard, slot: UInt32(slot)))
    }
  }

  /// Whether `prepare` has anything to do.
  var preparesRows: Bool {
    firstVectors != nil || layout.decay != nil && decayLog != 0 || optimizer.initialAccumulator > 0
  }

  /// What first values alone do not say: no decay is due, and accumulators begin with the config's value.
  func prepare(_ row: RowReference) throws(StoreError) {
    if let firstVectors, let vector = layout.vector {
      let place = try writer.mutableRow(vector.index, row).assumingMemoryBound(to: Float.self)
      try firstVectors.write(writer.id(of: row), into: UnsafeMutableBufferPointer(start: place, count: vector.width))
    }
    if let decay = layout.decay, decayLog != 0 {
      try writer.mutableRow(decay, row).storeBytes(of: decayLog, as: Double.self)
    }
    guard optimizer.initialAccumulator > 0 else { return }
    for column in layout.trained {
      for slot in column.slots {
        let start = try writer.mutableRow(slot, row).assumingMemoryBound(to: Float.self)
        start.update(repeating: Float(optimizer.initialAccumulator), count: writer.spec.columns[slot].width)
      }
    }
  }
}
