import LoamModels
import LoamQuery
import LoamStore
import LoamTensor

/// One training step after the other: fetch, forward, backward, clip, update.
final class StepEngine {
  let model: any Model
  let tables: [TrainingTable]
  let optimizer: DenseAdam
  private let config: ModelConfig
  private let fetched: [FetchedRows]
  private let lane: LanePass

  init(_ model: any Model, _ definition: ModelDefinition, tables: [TrainingTable], config: ModelConfig) {
    self.model = model
    self.tables = tables
    self.config = config
    let dense = config.optimizer.dense
    optimizer = DenseAdam(
      model.parameters, .init(beta1: dense.beta1, beta2: dense.beta2, epsilon: dense.epsilon, l2: dense.l2))
    fetched = tables.map { FetchedRows(dimension: $0.dimension, hasWeight: $0.hasWeight) }
    lane = LanePass(model, definition)
  }

  /// - Parameters:
  ///   - number: steps from one.
  ///   - rateScale: what both rates are multiplied with (plateau).
  /// - Returns: the mean loss of the batch's rows.
  func step(_ batch: FeatureBatch, number: UInt64, rateScale: Double) throws(TrainingError) -> Float {
    for index in tables.indices {
      try TrainingError.query { () throws(QueryError) in
        try fetched[index].fetch(batch.tables[index].references, from: tables[index])
      }
      fetched[index].clearSums(batch.tables[index].references.count)
    }
    let output = lane.forward(batch, rows: 0..<batch.rowCount, fetched, step: number)
    let loss = lane.backward(batch, from: output)
    guard loss.isFinite else {
      throw .training(
        .diverged, "the loss became \(loss) at step \(number)",
        hint: "Lower the rates (optimizer.tables.rate, optimizer.dense.rate) or set gradient_clip.")
    }
    lane.scatter(batch, into: fetched)
    lane.tape.addGradientsToParameters()
    clip(batch)
    optimizer.step(rate: Float(config.rate(config.optimizer.dense.rate, scale: rateScale)))
    let step = TableStep(
      config.optimizer.tables, number: number,
      rate: config.rate(config.optimizer.tables.rate, scale: rateScale))
    for (index, table) in tables.enumerated() {
      try TrainingError.store { () throws(StoreError) in
        try table.update(
          batch.tables[index], vectors: fetched[index].vectorSums, weights: fetched[index].weightSums, step)
      }
    }
    return loss
  }

  /// One norm over dense gradients and the sums of rows; what L2 will add is not in it.
  private func clip(_ batch: FeatureBatch) {
    guard let normMax = config.gradientClip else { return }
    let counts = batch.tables.map(\.references.count)
    let others = zip(fetched, counts).reduce(0) { $0 + $1.0.squareSum($1.1) }
    let norm = GradientClipping.clip(model.parameters, normMax: normMax, others: others)
    let factor = GradientClipping.factor(norm: norm, normMax: normMax)
    if factor < 1 { for (rows, count) in zip(fetched, counts) { rows.scaleSums(count, by: factor) } }
  }
}

extension ModelConfig {
  /// A rate under the plateau's scale, not below its floor.
  func rate(_ rate: Double, scale: Double) -> Double {
    scale == 1 ? rate : max(rate * scale, min(rate, rateOnPlateau?.floor ?? 0))
  }
}
