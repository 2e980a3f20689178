import LoamModels
import LoamQuery
import LoamStore

/// Scores a log with a model of one version.
///
/// ```swift
/// let report = try Evaluator(store.snapshot(at: .name("ctr-best")), model: "ctr").evaluate(log: "valid")
/// ```
public final class Evaluator {
  public let model: TrainedModel
  private let scorer: Scorer
  private let rows: StoredRows

  public init(_ snapshot: Snapshot, model name: String) throws(TrainingError) {
    model = try TrainedModel(snapshot, model: name)
    scorer = Scorer(model.model, model.definition, tables: model.tables)
    rows = StoredRows(model.tables)
  }

  /// - Parameter progress: rows done and rows in all.
  public func evaluate(log: String, progress: (Int, Int) -> Void = { _, _ in }) throws(TrainingError)
    -> EvaluationReport
  {
    try Self.evaluate(model.snapshot, log: log, model.definition, scorer, rows, progress: progress)
  }

  static func evaluate(
    _ snapshot: Snapshot, log: String, _ definition: ModelDefinition, _ scorer: Scorer, _ rows: any RowResolver,
    progress: (Int, Int) -> Void
  ) throws(TrainingError) -> EvaluationReport {
    let start = ContinuousClock.now
    var logits: [Float] = []
    var labels: [Float] = []
    try TrainingError.query { () throws(QueryError) in
      let reader = try FeatureReader(snapshot, logs: [log], definition: definition)
      logits.reserveCapacity(reader.rowCount)
      try reader.begin()
      var batch = FeatureBatch()
      while try reader.next(4_096, into: &batch, by: rows) {
        try scorer.score(batch, into: &logits)
        labels += batch.labels[0]
        progress(logits.count, reader.rowCount)
      }
    }
    // Rows without label do not count; weights do not either.
    let metrics = BinaryMetrics(probabilities: logits.map(Scorer.probability), labels: labels)
    guard metrics.count > 0 else {
      throw .training(.noLabels, "no row of the log '\(log)' has the label '\(definition.labels[0])'")
    }
    return EvaluationReport(
      log: log, rows: metrics.count, auc: metrics.auc, logLoss: metrics.logLoss,
      normalisedEntropy: metrics.normalisedEntropy, calibration: metrics.calibration, seconds: start.seconds)
  }
}
