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
        takeRates(part, batch, gradients)
        takeDecay(part, gradients, step)
        var first = 0
        if let column = layout.vector { first += update(part, column, first, gradients.vectors!, gradients, step) }
        if let column = layout.weight { first += update(part, column, first, gradients.weights!, gradients, step) }
        count(part, first, batch, step)
      }
    }
  }

  /// Precedes `beginUpdate`: how often the batch's rows of one shard will have been seen after it.
  ///
  /// - Parameter counts: where to write it, at the rows' places among those of the batch.
  func noteOccurrences(
    shard: Int, _ batch: FeatureBatch.Rows, counts: UnsafeMutablePointer<Float>? = nil
  ) throws(StoreError) {
    var (most, sum): (UInt64, UInt64) = (0, 0)
    defer { (scratch[shard].mostOccurrences, scratch[shard].occurrences) = (most, sum) }
    guard optimizer.frequencyRate != nil || counts != nil, shard + 1 < batch.starts.count else { return }
    for place in batch.starts[shard]..<batch.starts[shard + 1] {
      let row = batch.references[place]
      let count = try writer.row(layout.count, row).load(as: UInt64.self) + UInt64(batch.occurrences[place])
      counts?[place] = Float(count)
      if row == missing { continue }
      sum += UInt64(batch.occurrences[place])
      if row != unknown { most = max(most, count) }
    }
  }

  private func takesRates(_ gradients: Gradients) -> Bool {
    gradients.rates != nil || optimizer.frequencyRate != nil
  }

  /// Where counts and last steps stand among a group's columns.
  private var countColumn: Int { columns.count - (layout.decay == nil ? 1 : 2) }
  private var lastStepColumn: Int { countColumn - 1 }

  private func takeRates(_ part: RowPart, _ batch: FeatureBatch.Rows, _ gradients: Gradients) {
    if let rates = gradients.rates { part.takeRates(rates) }
    guard let kind = optimizer.frequencyRate else { return }
    let frequency = FrequencyRates(kind, most: mostOccurrences)
    let counts = part.group.rows(countColumn, of: UInt64.self)
    for index in 0..<part.group.count {
      let own = gradients.rates == nil ? 1 : part.scratch.rates[index]
      let now = part.place(index).map { UInt64(batch.occurrences[$0]) } ?? 0
      part.scratch.rates[index] = own * frequency.factor(counts[index]!.pointee + now)
    }
  }

  private func shrinks(_ step: TableStep) -> Bool { layout.decay != nil || step.shrinks }

  /// What is left of each row: the decay due to it, this step's included, after which none is due; and what its use
  /// takes away.
  private func takeDecay(_ part: RowPart, _ gradients: Gradients, _ step: TableStep) {
    guard shrinks(step) else { return }
    let keep = part.scratch.keep
    if layout.decay != nil {
      let stored = part.group.rows(columns.count - 1, of: Double.self)
      for index in 0..<part.group.count {
        keep[index] = EmbeddingReader.factor(now: decayLog, row: stored[index]!.pointee)
        stored[index]!.pointee = decayLog
      }
    } else {
      keep.update(repeating: 1, count: part.group.count)
    }
    guard step.shrinks else { return }
    let lastSteps = part.group.rows(lastStepColumn, of: UInt64.self)
    for index in 0..<part.group.count where part.place(index) != nil {
      let last = lastSteps[index]!.pointee
      keep[index] *= step.keep(
        gap: last == 0 ? 0 : step.number - last, factor: takesRates(gradients) ? part.scratch.rates[index] : 1)
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
        gradients: part.scratch.gradients, keep: shrinks(step) ? UnsafePointer(part.scratch.keep) : nil,
        rates: takesRates(gradients) ? UnsafePointer(part.scratch.rates) : nil, l2: step.l2)
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
