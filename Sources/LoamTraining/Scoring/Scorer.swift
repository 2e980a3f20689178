import Foundation
import LoamModels
import LoamQuery
import LoamTensor

/// Scores batches with a model as it stands: dropout off, batch norm by its running statistics.
final class Scorer {
  private let tables: [any RowSource]
  private let fetched: [FetchedRows]
  private let lane: LanePass

  init(_ model: any Model, _ definition: ModelDefinition, tables: [any RowSource]) {
    self.tables = tables
    fetched = tables.map { FetchedRows(dimension: $0.dimension, hasWeight: $0.hasWeight) }
    lane = LanePass(model, definition)
  }

  /// Adds the logits of a batch, `[rows, outputs]`, to `logits`.
  func score(_ batch: FeatureBatch, into logits: inout [Float]) throws(QueryError) {
    for index in tables.indices { try fetched[index].fetch(batch.tables[index].references, from: tables[index]) }
    let output = lane.forward(batch, rows: 0..<batch.rowCount, fetched).logits
    logits += lane.tape.value(of: output).buffer
  }

  /// In f64: the tails of the f32 function are rough.
  static func probability(_ logit: Float) -> Float { Float(1 / (1 + exp(-Double(logit)))) }
}
