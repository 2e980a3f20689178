import LoamTraining

/// A run under way: a bar within the epoch on a terminal, one line an epoch elsewhere and there too.
final class TrainingBar {
  private let console: Console
  private let model: String
  private let progress: Progress
  private var rows = 0

  init(_ console: Console, model: String) {
    self.console = console
    self.model = model
    progress = console.progress("train \(model)", unit: "steps")
  }

  func show(_ event: TrainingProgress) {
    switch event {
    case .began(let rows, let steps, let epochs, let resumed):
      self.rows = rows
      progress.milestone(
        "train \(model): \(Quantity.count(rows, "row")), \(Quantity.count(epochs, "epoch")) of "
          + Quantity.count(steps, "step") + (resumed > 0 ? ", resumed at step \(resumed)" : ""))
    case .step(let epoch, let step, let steps, let loss, let speed):
      progress.update(
        step, total: steps,
        note: "epoch \(epoch)  loss \(Quantity.fixed(loss, 4))  " + Quantity.rate(speed, "samples"))
    case .evaluating(let log, let done, let total):
      progress.update(done, total: total, note: "rows of \(log)")
    case .checkpoint(let version):
      progress.batch("checkpoint: version \(version)")
    case .epoch(let report):
      let scores = report.evaluations.map {
        ([$0.log]
          + ($0.parts.first?.figures.prefix(2) ?? []).map { figure in
            "\(FigureTable.title(figure.name)) \(Quantity.fixed(figure.value, 5))"
          }).joined(separator: " ")
      }
      progress.milestone(
        (["epoch \(report.epoch): loss \(Quantity.fixed(report.loss, 5))"] + scores
          + [Quantity.rate(report.samplesPerSecond, "samples"), "version \(report.version)"]).joined(separator: ", ")
          + (report.isBest ? ", best so far" : ""))
    }
  }

  func clear() { progress.clear() }
}
