import LoamModels
import LoamQuery
import LoamStore
import LoamTensor

/// One training step after the other.
///
/// ```
///                 cut into            what a thread takes
///   resolve       table               IDs to rows; new ones are admitted
///   fetch         table, shard        distinct rows of the batch, side by side
///   lanes         rows of the batch   forward, loss, backward; lanes meet in batch-wide sums
///   scatter       table               sums of gradients over duplicates, lane after lane
///   reduce        chunk of weights    sums of gradients over lanes, in their order
///   clip                              one norm over all
///   update        chunk; table, shard
/// ```
/// Every cut depends on the batch and the config, none on the number of threads, and each number is computed by one
/// thread from sums in a fixed order: the threads change how long a step takes and nothing else.
final class StepEngine {
  let model: any Model
  let tables: [TrainingTable]
  let optimizer: any DenseOptimizer
  let pool: LanePool
  private let config: ModelConfig
  private let fetched: [FetchedRows]
  private let resolver: BatchResolver
  private let rows: AdmittedRows
  private var batch = FeatureBatch()
  private let lanes: [LanePass]
  private var losses: [Float]
  private let reduction: DenseReduction
  /// Every shard of every table.
  private let parts: [(table: Int, shard: Int)]

  init(
    _ model: any Model, _ definition: ModelDefinition, tables: [TrainingTable], config: ModelConfig, pool: LanePool
  ) {
    self.model = model
    self.tables = tables
    self.config = config
    self.pool = pool
    optimizer = config.optimizer.dense.make(model.parameters)
    resolver = BatchResolver(definition, groupsByShard: true)
    rows = AdmittedRows(tables)
    fetched = tables.map {
      FetchedRows(dimension: $0.dimension, hasWeight: $0.hasWeight, hasCounts: $0.countsOccurrences)
    }
    lanes = (0..<config.lanes).map { _ in LanePass(model, definition, precision: config.precision) }
    losses = Array(repeating: 0, count: config.lanes)
    reduction = DenseReduction(model.parameters)
    parts = tables.indices.flatMap { table in tables[table].scratch.indices.map { (table, $0) } }
  }

  /// Fewer rows are not worth a lane.
  private static let laneRowsMin = 16

  /// - Parameters:
  ///   - raw: the rows; its memory may be used again afterwards.
  ///   - number: steps from one.
  ///   - numberInEpoch: likewise, of the epoch.
  ///   - rates: of this step.
  /// - Returns: the mean loss of the batch's rows.
  func step(_ raw: RawBatch, number: UInt64, numberInEpoch: Int, rates: StepRates) throws(TrainingError) -> Float {
    try TrainingError.query { () throws(QueryError) in
      try pool.forEach(tables.count) { table throws(QueryError) in try resolver.resolve(table: table, raw, by: rows) }
    }
    resolver.finish(raw, into: &batch)
    try TrainingError.store { () throws(StoreError) in try fetch(batch) }
    let used = lanes.prefix(max(1, min(lanes.count, batch.rowCount / Self.laneRowsMin)))
    let loss = runLanes(used, batch, number)
    guard loss.isFinite else {
      throw .training(
        .diverged, "the loss became \(loss) at step \(number)",
        hint: "Lower the rates (optimizer.tables.rate, optimizer.dense.rate) or set gradient_clip.")
    }
    optimizer.beginStep(rate: Float(rates.dense))
    sumGradients(used, batch)
    clip(batch)
    let steps = tables.map { table in
      TableStep(
        config.optimizer.tables, number: number, rate: rates.tables,
        sinceFirstValues: config.reinitialise?.concerns(table) == true ? UInt64(numberInEpoch) : nil)
    }
    try TrainingError.store { () throws(StoreError) in
      try update(batch, steps)
      for table in tables { try table.writer.putEarlyIfFull() }
    }
    return loss
  }

  private func fetch(_ batch: FeatureBatch) throws(StoreError) {
    pool.forEach(tables.count) { table in fetched[table].begin(batch.tables[table].references.count) }
    try pool.forEach(parts.count) { index throws(StoreError) in
      let (part, rows) = (parts[index], fetched[parts[index].table])
      try tables[part.table].fetch(
        shard: part.shard, batch.tables[part.table], vectors: rows.dimension > 0 ? rows.vectors : nil,
        weights: rows.hasWeight ? rows.weights : nil)
      try tables[part.table].noteOccurrences(
        shard: part.shard, batch.tables[part.table], counts: rows.hasCounts ? rows.counts : nil)
    }
    for (table, rows) in zip(tables, fetched) where rows.hasCounts { rows.occurrences = table.addOccurrences() }
  }

  /// First values for the tables that begin each epoch with them.
  func beginEpoch(_ epoch: Int) throws(StoreError) {
    guard epoch > 0, let reinitialise = config.reinitialise else { return }
    try pool.forEach(parts.count) { index throws(StoreError) in
      let (part, table) = (parts[index], tables[parts[index].table])
      if reinitialise.concerns(table) { try table.beginAnew(shard: part.shard, generation: UInt32(epoch)) }
    }
  }

  private func runLanes(_ used: ArraySlice<LanePass>, _ batch: FeatureBatch, _ number: UInt64) -> Float {
    let counts = batch.labels.map { labels in labels.reduce(0) { $0 + ($1.isNaN ? 0 : 1) } }
    losses.withUnsafeMutableBufferPointer { losses in
      let losses = losses.baseAddress!
      pool.lanes(used.count) { index, reduction in
        let rows = batch.rowCount * index / used.count..<batch.rowCount * (index + 1) / used.count
        let lane = Lane(index: index, firstRow: rows.lowerBound, reduction: used.count > 1 ? reduction : nil)
        let output = used[index].forward(batch, rows: rows, fetched, lane: lane, step: number)
        losses[index] = used[index].backward(batch, from: output, labelCounts: counts)
      }
    }
    return losses.prefix(used.count).reduce(0, +)
  }

  /// Sums over duplicates and over lanes. Without clipping, a chunk is updated while it is in the cache.
  private func sumGradients(_ used: ArraySlice<LanePass>, _ batch: FeatureBatch) {
    reduction.collect(used.lazy.map(\.tape))
    pool.forEach(tables.count + reduction.chunks.count) { index in
      if index < tables.count {
        for lane in used { lane.scatter(batch, table: index, into: fetched[index]) }
      } else {
        let chunk = reduction.chunks[index - tables.count]
        reduction.sum(chunk)
        if config.gradientClip == nil { optimizer.update(chunk.parameter, chunk.elements) }
      }
    }
  }

  private func update(_ batch: FeatureBatch, _ steps: [TableStep]) throws(StoreError) {
    for (table, step) in zip(tables, steps) { table.beginUpdate(step) }
    let chunks = config.gradientClip == nil ? 0 : reduction.chunks.count
    try pool.forEach(chunks + parts.count) { index throws(StoreError) in
      if index < chunks {
        return optimizer.update(reduction.chunks[index].parameter, reduction.chunks[index].elements)
      }
      let (part, rows) = (parts[index - chunks], fetched[parts[index - chunks].table])
      try tables[part.table].update(
        shard: part.shard, batch.tables[part.table],
        .init(vectors: rows.vectorSums, weights: rows.weightSums, rates: rows.rates), steps[part.table])
    }
  }

  /// One norm over dense gradients and the sums of rows; what L2 will add is not in it.
  private func clip(_ batch: FeatureBatch) {
    guard let normMax = config.gradientClip else { return }
    let count = reduction.chunks.count
    var squares = [Double](repeating: 0, count: count + tables.count)
    squares.withUnsafeMutableBufferPointer { squares in
      let squares = squares.baseAddress!
      pool.forEach(count + tables.count) { index in
        squares[index] =
          index < count
          ? reduction.squareSum(reduction.chunks[index])
          : fetched[index - count].squareSum(batch.tables[index - count].firstUse)
      }
    }
    let factor = GradientClipping.factor(norm: squares.reduce(0, +).squareRoot(), normMax: normMax)
    guard factor < 1 else { return }
    pool.forEach(count + tables.count) { index in
      if index < count {
        reduction.scale(reduction.chunks[index], by: factor)
      } else {
        fetched[index - count].scaleSums(batch.tables[index - count].references.count, by: factor)
      }
    }
  }
}
