import LoamQuery
import LoamStore

/// Scores rows that come from a file with a model of one version.
///
/// ```swift
/// let predictor = try Predictor(store.snapshot(), model: "ctr")
/// let probabilities = try predictor.predict(group, place: "new.csv")      // one a row
/// ```
///
/// IDs that the model never admitted read its row for unknown ones. One thread.
public final class Predictor {
  public let model: TrainedModel
  private let batches: RowGroupBatches
  private let rows: StoredRows
  private let scorer: Scorer

  public init(_ snapshot: Snapshot, model name: String) throws(TrainingError) {
    model = try TrainedModel(snapshot, model: name)
    batches = RowGroupBatches(model.definition)
    rows = StoredRows(model.tables)
    scorer = Scorer(model.model, model.definition, tables: model.tables)
  }

  /// Probabilities of the label, `[rows]`.
  ///
  /// - Parameter place: names the file in refusals.
  public func predict(_ group: RowGroup, place: String) throws(TrainingError) -> [Float] {
    var logits: [Float] = []
    logits.reserveCapacity(group.rowCount)
    try batches.forEach(
      group, 4_096, place: place, by: rows,
      { (batch) throws(TrainingError) in
        try TrainingError.query { () throws(QueryError) in try scorer.score(batch, into: &logits) }
      }, failing: { .query($0) })
    return logits.map(Scorer.probability)
  }
}
