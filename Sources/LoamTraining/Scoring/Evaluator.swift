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
  private let evaluation: Evaluation

  /// - Parameters:
  ///   - metrics: what to measure besides all rows.
  ///   - train: logs by whose counts IDs are rare or frequent.
  public init(
    _ snapshot: Snapshot, model name: String, metrics: MetricsConfig = MetricsConfig(), train: [String] = []
  ) throws(TrainingError) {
    model = try TrainedModel(snapshot, model: name)
    evaluation = Evaluation(
      snapshot, model.definition, Scorer(model.model, model.definition, tables: model.tables),
      StoredRows(model.tables), metrics: metrics, train: train)
  }

  /// - Parameter progress: rows done and rows in all.
  public func evaluate(log: String, progress: (Int, Int) -> Void = { _, _ in }) throws(TrainingError)
    -> EvaluationReport
  { try evaluation.run(log: log, progress: progress) }
}

/// Scores logs of one snapshot and measures the scores.
struct Evaluation {
  private let snapshot: Snapshot
  private let definition: ModelDefinition
  private let scorer: Scorer
  private let rows: any RowResolver
  private let metrics: MetricsConfig
  private let train: [String]

  init(
    _ snapshot: Snapshot, _ definition: ModelDefinition, _ scorer: Scorer, _ rows: any RowResolver,
    metrics: MetricsConfig, train: [String]
  ) {
    (self.snapshot, self.definition, self.scorer, self.rows) = (snapshot, definition, scorer, rows)
    (self.metrics, self.train) = (metrics, train)
  }

  func run(log: String, progress: (Int, Int) -> Void) throws(TrainingError) -> EvaluationReport {
    let start = ContinuousClock.now
    let tasks = try score(log: log, progress)
    let cut = try LogSlices(snapshot, log: log, metrics, definition, train: train)
    var parts: [EvaluationReport.Part] = []
    // Rows without label do not count; weights do not either.
    for task in tasks {
      let (count, figures) = task.figures(groups: cut.groups, at: metrics.at)
      guard count > 0 else { continue }
      parts.append(.init(label: task.task.name, slice: nil, rows: count, figures: figures))
      for (slice, rows) in cut.slices {
        let (count, figures) = task.figures(rows: rows)
        if count > 0 { parts.append(.init(label: task.task.name, slice: slice, rows: count, figures: figures)) }
      }
    }
    guard !parts.isEmpty else {
      let names = definition.labels.map { "'\($0)'" }.joined(separator: ", ")
      throw .training(.noLabels, "no row of the log '\(log)' has the label \(names)")
    }
    return EvaluationReport(log: log, parts: parts, rows: tasks[0].labels.count, seconds: start.seconds)
  }

  private func score(log: String, _ progress: (Int, Int) -> Void) throws(TrainingError) -> [TaskScores] {
    let reader = try TrainingError.query { () throws(QueryError) in
      try FeatureReader(snapshot, logs: [log], definition: definition)
    }
    var tasks = definition.taskShapes.map { TaskScores($0) }
    let width = definition.tasks.reduce(0) { $0 + $1.outputs }
    var (batch, logits, done) = (FeatureBatch(), [Float](), 0)
    try TrainingError.query { () throws(QueryError) in try reader.begin() }
    while try TrainingError.query({ () throws(QueryError) in try reader.next(4_096, into: &batch, by: rows) }) {
      logits.removeAll(keepingCapacity: true)
      try TrainingError.query { () throws(QueryError) in try scorer.score(batch, into: &logits) }
      guard logits.allSatisfy(\.isFinite) else {
        throw .training(
          .diverged,
          "the model's score of row \(done + logits.firstIndex { !$0.isFinite }! / width) of the log "
            + "'\(log)' is not a finite number",
          hint: "Lower the rates (optimizer.tables.rate, optimizer.dense.rate) or set gradient_clip.")
      }
      var offset = 0
      for index in tasks.indices {
        tasks[index].append(logits: logits, offset: offset, width: width, labels: batch.labels[index])
        offset += tasks[index].task.outputs
      }
      done += batch.rowCount
      progress(done, reader.rowCount)
    }
    return tasks
  }
}
