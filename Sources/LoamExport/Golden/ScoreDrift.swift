import LoamModels
import LoamQuery
import LoamSchema
import LoamStore
import LoamTraining

/// How far scores move when vectors are written in fewer bits, measured on a log.
struct ScoreDrift {
  /// Rows that are scored at the most.
  static let rowsMax = 1_000_000
  let trained: TrainedModel
  let log: FeatureLogReader

  func measure(_ form: RowForm) throws(ExportError) -> ExportManifest.Drift {
    let definition = trained.definition
    let rounded = RowGroupScorer(
      trained.model, definition, tables: trained.tables.map { RoundedRows($0, form) }, rows: StoredRows(trained.tables))
    let exact = RowGroupScorer(trained)
    var tasks = definition.taskShapes.map { (exact: TaskScores($0), rounded: TaskScores($0)) }
    var (rows, sum, largest, count) = (0, 0.0, 0.0, 0)
    let names = Set(log.columnNames).intersection(
      definition.fields.map { "id/\($0.name)" } + definition.dense.map { "dense/\($0.name)" }
        + definition.labels.map { "label/\($0)" })
    for index in 0..<log.groupCount where rows < Self.rowsMax {
      let group = try Exporter.reading("\(log.spec.name)") { () throws(StoreError) in
        try log.group(index, columns: names)
      }
      let logits = try Exporter.reading("\(log.spec.name)") { () throws(TrainingError) in
        (try exact.logits(group, place: "\(log.spec.name)"), try rounded.logits(group, place: "\(log.spec.name)"))
      }
      let width = logits.0.count / max(group.rowCount, 1)
      var offset = 0
      for (task, label) in definition.labels.enumerated() {
        var labels = [Float](repeating: .nan, count: group.rowCount)
        if case .real(let known)? = group.columns["label/\(label)"] { labels = known }
        tasks[task].exact.append(logits: logits.0, offset: offset, width: width, labels: labels)
        tasks[task].rounded.append(logits: logits.1, offset: offset, width: width, labels: labels)
        offset += tasks[task].exact.task.outputs
      }
      rows += group.rowCount
    }
    for (exact, rounded) in tasks {
      for (a, b) in zip(exact.predictions, rounded.predictions) {
        let difference = abs(Double(a) - Double(b))
        sum += difference
        largest = max(largest, difference)
        count += 1
      }
    }
    return .init(
      log: log.spec.name.name, rows: rows, mean: count > 0 ? sum / Double(count) : 0, largest: largest,
      tasks: tasks.map { exact, rounded in
        .init(label: exact.task.name, f32: Self.figures(exact), stored: Self.figures(rounded))
      })
  }

  /// Those that are defined.
  private static func figures(_ scores: TaskScores) -> [String: Double] {
    let figures = scores.figures().figures.filter { $0.value.isFinite }
    return Dictionary(figures.map { ($0.name, $0.value) }) { first, _ in first }
  }
}
