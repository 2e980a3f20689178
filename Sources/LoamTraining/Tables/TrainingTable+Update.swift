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

  /// Follows `beginUpdate`. Different shards may be updated at once.
  ///
  /// - Parameter batch: rows grouped by shard.
  func update(shard: Int, _ batch: FeatureBatch.Rows, _ gradients: Gradients, _ step: TableStep) throws(StoreError) {
    let range = shard + 1 < batch.starts.count ? batch.starts[shard]..<batch.starts[shard + 1] : 0..<0
    let scratch = scratch[shard]
    scratch.begin(batch.references, range, everyRow: optimizer.touchesEveryRow)
    try scratch.rows.withPointer { (rows) throws(StoreError) in
      // One pass over all columns: a group's rows are under way while the group before it is computed.
      try writer.update(columns, rows) { (group) throws(StoreError) in
        let part = RowPart(group, scratch)
        if layout.decay != nil { takeDecay(part) }
        if let rates = gradients.rates { part.takeRates(rates) }
        var first = 0
        if let column = layout.vector { first += update(part, column, first, gradients.vectors!, gradients, step) }
        if let column = layout.weight { first += update(part, column, first, gradients.weights!, gradients, step) }
        count(part, first, batch, step)
      }
    }
  }

  /// The decay due to each row that is touched, this step's included, after which none is due.
  private func takeDecay(_ part: RowPart) {
    let stored = part.group.rows(columns.count - 1, of: Double.self)
    for index in 0..<part.group.count {
      part.scratch.keep[index] = EmbeddingReader.factor(now: decayLog, row: stored[index]!.pointee)
      stored[index]!.pointee = decayLog
    }
  }

  /// - Returns: how many columns it took, from `first` on.
  private func update(
    _ part: RowPart, _ column: EmbeddingLayout.Column, _ first: Int, _ sums: UnsafePointer<Float>,
    _ gradients: Gradients, _ step: TableStep
  ) -> Int {
    part.pointGradients(into: sums, width: column.width)
    step.update(
      loam_rows(
        count: part.group.count, dimension: column.width, weights: part.group.rows(first, of: Float.self),
        gradients: part.scratch.gradients, keep: layout.decay == nil ? nil : UnsafePointer(part.scratch.keep),
        rates: gradients.rates == nil ? nil : UnsafePointer(part.scratch.rates), l2: step.l2)
    ) { part.group.rows(first + 1 + $0, of: Float.self) }
    return 1 + column.slots.count
  }

  private func count(_ part: RowPart, _ first: Int, _ batch: FeatureBatch.Rows, _ step: TableStep) {
    let (steps, counts) = (part.group.rows(first, of: UInt64.self), part.group.rows(first + 1, of: UInt64.self))
    batch.occurrences.withUnsafeBufferPointer { occurrences in
      for index in 0..<part.group.count {
        guard let place = part.place(index) else { continue }
        steps[index]!.pointee = step.number
        counts[index]!.pointee += UInt64(occurrences[place])
      }
    }
  }
}
