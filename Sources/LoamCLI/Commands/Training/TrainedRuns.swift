import Foundation
import LoamTraining

/// One model a seed or a fold, and how far the figures of their best epochs lie apart.
struct TrainedRuns: Report {
  struct Figure: Encodable {
    /// `LOG/METRIC`, with the label between where there are several; of folds, each of which has another log, `METRIC`.
    var name: String
    var mean: Double
    /// Of a sample: divided by one less than the number of runs; nil with one run.
    var deviation: Double?
    /// In the order of `runs`.
    var values: [Double]
  }
  struct Run: Encodable {
    /// Of a model trained with a seed of its own.
    var seed: UInt64?
    /// The log that was left out and scored.
    var fold: String?
    var trained: Trained
    var name: String { fold.map { "fold \($0)" } ?? "seed \(seed ?? 0)" }
  }
  var store: String
  var model: String
  var runs: [Run]
  var figures: [Figure]
  var isAnswer: Bool { false }

  enum CodingKeys: String, CodingKey { case store, model, runs, figures }

  /// A run that is to be, and what became of it.
  struct Done {
    var seed: UInt64?
    var fold: String?
    var config: ModelConfig
    var report: TrainingReport

    /// Of the best epoch, without those of slices, which have a value between: `valid/city=Berlin/auc`.
    var figures: [String: Double] {
      guard !report.history.isEmpty else { return [:] }
      var figures: [String: Double] = [:]
      for (name, value) in report.history[max(report.bestEpoch, 1) - 1]
      where !name.contains("=") && !name.hasSuffix("/rows") {
        let own = fold.map { name.hasPrefix("\($0)/") } ?? false
        figures[own ? String(name.dropFirst(fold!.count + 1)) : name] = value
      }
      return figures
    }
  }

  init(store: String, model: String, _ runs: [Done]) {
    self.store = store
    self.model = model
    self.runs = runs.map { run in
      Run(
        seed: run.seed, fold: run.fold,
        trained: Trained(store: store, config: run.config, report: run.report, tag: nil))
    }
    let best = runs.map(\.figures)
    figures = Set(best.flatMap(\.keys)).sorted().compactMap { name in
      let values = best.compactMap { $0[name] }
      return values.count == best.count ? Figure(name, values) : nil
    }
  }

  var page: Page {
    var page = Page(.title("\(model): \(Quantity.count(runs.count, "run"))"))
    var table = Table(
      [.text("figure"), .number("mean"), .number("deviation")] + runs.map { .number($0.name) })
    for figure in figures {
      table.add(
        [figure.name, Quantity.fixed(figure.mean, 5), Quantity.fixed(figure.deviation, 5)]
          + figure.values.map { Quantity.fixed($0, 5) })
    }
    page.add(.table(table))
    page.add(.line("Best epochs: " + runs.map { "\($0.trained.bestEpoch)" }.joined(separator: ", ") + "."))
    if let last = runs.last { page.add(.hint("loam evaluate \(store) --model \(last.trained.model) --log LOG")) }
    return page
  }
}

extension TrainedRuns.Figure {
  fileprivate init(_ name: String, _ values: [Double]) {
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.init(
      name: name, mean: mean, deviation: values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : nil,
      values: values)
  }
}
