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
  private let scorer: RowGroupScorer

  public init(_ snapshot: Snapshot, model name: String) throws(TrainingError) {
    model = try TrainedModel(snapshot, model: name)
    scorer = RowGroupScorer(model)
  }

  /// Probabilities of the label, `[rows]`.
  ///
  /// - Parameter place: names the file in refusals.
  public func predict(_ group: RowGroup, place: String) throws(TrainingError) -> [Float] {
    try scorer.logits(group, place: place).map(Scorer.probability)
  }
}
