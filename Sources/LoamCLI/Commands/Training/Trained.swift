import LoamTraining

/// What a run did, epoch by epoch.
struct Trained: Report {
  struct Epoch: Encodable {
    var epoch: Int
    var step: UInt64
    var loss: Double
    var isBest: Bool
    var version: UInt64
    var seconds: Double
    var samplesPerSecond: Double
    var evaluations: [Evaluated.Scores]
  }
  var store: String
  var model: String
  var architecture: String
  /// `epochs-done`, `stopped-early` or `interrupted`.
  var end: String
  /// Of this run of the command; earlier ones are in the versions.
  var epochs: [Epoch]
  /// From one; 0 without validation log.
  var bestEpoch: Int
  /// The monitored metric at its best.
  var best: Double?
  /// The last version published.
  var version: UInt64
  /// The alias of the best one.
  var bestAlias: String
  var tag: String?
  var seconds: Double
  var isAnswer: Bool { false }
  private var validation: String?

  enum CodingKeys: String, CodingKey {
    case store, model, architecture, end, epochs, bestEpoch, best, version, bestAlias, tag, seconds
  }

  init(store: String, config: ModelConfig, report: TrainingReport, tag: String?) {
    self.store = store
    model = report.model
    architecture = config.model
    end = report.end.rawValue
    epochs = report.epochs.map { epoch in
      Epoch(
        epoch: epoch.epoch, step: epoch.step, loss: epoch.loss, isBest: epoch.isBest, version: epoch.version,
        seconds: epoch.seconds, samplesPerSecond: epoch.samplesPerSecond,
        evaluations: epoch.evaluations.map { Evaluated.Scores($0) })
    }
    bestEpoch = report.bestEpoch
    best = report.best
    version = report.version
    bestAlias = "\(report.model)-best"
    self.tag = tag
    seconds = report.seconds
    validation = config.validation.first
  }

  /// What shows over-fitting of rare IDs: one line a bucket of the first validation log, one column an epoch.
  private var frequencies: (title: String, table: Table)? {
    let shown = epochs.suffix(8)
    let reports = shown.compactMap { $0.evaluations.first?.report }
    let all = reports.last?.parts.filter { $0.slice?.kind == .frequency } ?? []
    guard let first = all.first, reports.count == shown.count else { return nil }
    let buckets = all.filter { $0.slice?.field == first.slice?.field && $0.label == first.label }
    var table = Table([.text("count"), .number("rows")] + shown.map { .number("epoch \($0.epoch)") })
    for bucket in buckets {
      let values = reports.map { report in
        report.parts.first { $0.slice == bucket.slice && $0.label == bucket.label }?[monitored]
      }
      table.add(
        [bucket.slice!.value, Quantity.count(bucket.rows)] + values.map { Quantity.fixed($0, 4) })
    }
    return (
      "\(validation ?? ""): \(FigureTable.title(monitored)) by how often training saw \(first.slice!.field)", table
    )
  }

  private var monitored: String { epochs.first?.evaluations.first?.report.parts.first?.figures.first?.name ?? "auc" }

  var page: Page {
    let how = end == "interrupted" ? "interrupted" : end == "stopped-early" ? "stopped early" : "trained"
    var page = Page(.title("\(model) (\(architecture)) \(how): version \(version), \(Quantity.seconds(seconds))"))
    var table = Table(
      .number("epoch"), .number("loss"), .text("log"), .number("AUC"), .number("log-loss"), .number("NE"),
      .number("calibration"), .number("speed", unit: "samples/s"), .number("version"), .text(""))
    for epoch in epochs {
      let speed = Quantity.count(Int(epoch.samplesPerSecond))
      let mark = epoch.isBest ? "best so far" : ""
      if epoch.evaluations.isEmpty {
        table.add("\(epoch.epoch)", Quantity.fixed(epoch.loss, 5), "", "", "", "", "", speed, "\(epoch.version)", mark)
      }
      for (index, scores) in epoch.evaluations.enumerated() {
        let first = index == 0
        table.add(
          first ? "\(epoch.epoch)" : "", first ? Quantity.fixed(epoch.loss, 5) : "", scores.log,
          Quantity.fixed(scores.auc, 5), Quantity.fixed(scores.logLoss, 5),
          Quantity.fixed(scores.normalisedEntropy, 4), Quantity.fixed(scores.calibration, 4), first ? speed : "",
          first ? "\(epoch.version)" : "", first ? mark : "")
      }
    }
    if epochs.isEmpty {
      page.add(.line("The run was finished already: nothing was done."))
    } else {
      page.add(.table(table))
      if let table = frequencies {
        page.add(.title(table.title))
        page.add(.table(table.table))
      }
    }
    if end == "interrupted" {
      page.add(.hint("the same command goes on where this one ended"))
    } else if let validation {
      page.add(.hint("loam evaluate \(store) --model \(model) --log \(validation) --at \(bestAlias)"))
    }
    return page
  }
}
