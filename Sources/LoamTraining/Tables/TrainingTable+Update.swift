import LoamKernels
import LoamQuery
import LoamStore

/// What one step does to the rows of one shard.
extension TrainingTable {
  /// The summed gradients of a batch's distinct rows, in their order.
  struct Gradients {
    var vectors: UnsafePointer<Float>?
    var weights: UnsafePointer<Float>?
    /// Factors of the rows' own rates; `nil`: 1.
    var rates: UnsafePointer<Float>?
  }

  /// Follows `ShardRows.sort` and `beginUpdate`. Different shards may be updated at once.
  func update(shard: Int, _ batch: FeatureBatch.Rows, _ gradients: Gradients, _ step: TableStep) throws(StoreError) {
    try shards[shard].forEachStrip(batch.references, everyRow: optimizer.touchesEveryRow) { strip throws(StoreError) in
      try takeDecay(strip)
      if let rates = gradients.rates { strip.takeRates(rates) }
      if let column = layout.vector { try update(strip, column, gradients.vectors!, gradients, step) }
      if let column = layout.weight { try update(strip, column, gradients.weights!, gradients, step) }
      try count(strip, batch, step)
    }
  }

  /// The decay due to each row that is touched, this step's included, after which none is due.
  private func takeDecay(_ strip: RowStrip) throws(StoreError) {
    guard let decay = layout.decay else { return }
    for index in 0..<strip.count {
      let stored = try writer.mutableRow(decay, strip.rows[index]).assumingMemoryBound(to: Double.self)
      strip.keep[index] = EmbeddingReader.factor(now: decayLog, row: stored.pointee)
      stored.pointee = decayLog
    }
  }

  private func update(
    _ strip: RowStrip, _ column: EmbeddingLayout.Column, _ sums: UnsafePointer<Float>, _ gradients: Gradients,
    _ step: TableStep
  ) throws(StoreError) {
    try point(strip.weights, at: column.index, strip)
    for (slot, pointers) in zip(column.slots, strip.slots) { try point(pointers, at: slot, strip) }
    strip.pointGradients(into: sums, width: column.width)
    step.update(
      loam_rows(
        count: strip.count, dimension: column.width, weights: strip.weights, gradients: strip.gradients,
        keep: layout.decay == nil ? nil : UnsafePointer(strip.keep),
        rates: gradients.rates == nil ? nil : UnsafePointer(strip.rates), l2: step.l2),
      strip.slots)
  }

  private func point(_ pointers: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>, at column: Int, _ strip: RowStrip)
    throws(StoreError)
  {
    for index in 0..<strip.count {
      let row = try writer.mutableRow(column, strip.rows[index])
      loam_prefetch(row)
      pointers[index] = row.assumingMemoryBound(to: Float.self)
    }
  }

  private func count(_ strip: RowStrip, _ batch: FeatureBatch.Rows, _ step: TableStep) throws(StoreError) {
    for index in 0..<strip.count where strip.places[index] >= 0 {
      let row = strip.rows[index]
      try writer.mutableRow(layout.lastStep, row).storeBytes(of: step.number, as: UInt64.self)
      let count = try writer.mutableRow(layout.count, row).assumingMemoryBound(to: UInt64.self)
      count.pointee += UInt64(batch.occurrences[Int(strip.places[index])])
    }
  }
}
