import ArgumentParser
import LoamStore
import LoamTraining

struct Evaluate: LoamCommand {
  static let configuration = CommandConfiguration(
    abstract: "Score a log with a model and say what the scores are worth.")

  @OptionGroup var place: SnapshotArguments
  @Option(help: "The model; not needed where the version has only one.")
  var model: String?
  @Option(parsing: .upToNextOption, help: "One or more logs.")
  var log: [String]
  @OptionGroup var output: OutputOptions

  func answer(_ console: Console) throws -> Evaluated {
    let snapshot = try place.snapshot()
    let model = try snapshot.onlyModel(model)
    for name in log where !snapshot.names(.log).contains(name) { throw snapshot.unknown(.log, name, "log") }
    let evaluator = try Evaluator(snapshot, model: model)
    let progress = console.progress("evaluate \(model)", unit: "rows")
    defer { progress.clear() }
    let scores = try log.map { name in
      Evaluated.Scores(try evaluator.evaluate(log: name) { progress.update($0, total: $1, note: name) })
    }
    return Evaluated(model: model, version: snapshot.record.version, logs: scores)
  }
}

struct Evaluated: Report {
  struct Scores: Encodable {
    var log: String
    var rows: Int
    var auc: Double
    var logLoss: Double
    /// Log-loss over that of the log's mean label.
    var normalisedEntropy: Double
    /// Mean prediction over mean label.
    var calibration: Double
    var seconds: Double
    var samplesPerSecond: Double

    init(_ report: EvaluationReport) {
      log = report.log
      rows = report.rows
      auc = report.auc
      logLoss = report.logLoss
      normalisedEntropy = report.normalisedEntropy
      calibration = report.calibration
      seconds = report.seconds
      samplesPerSecond = report.samplesPerSecond
    }
  }
  var model: String
  var version: UInt64
  var logs: [Scores]

  var page: Page {
    var page = Page(.title("\(model) at version \(version)"))
    var table = Table(
      .text("log"), .number("rows"), .number("AUC"), .number("log-loss"), .number("NE"), .number("calibration"),
      .number("speed", unit: "samples/s"))
    for scores in logs {
      table.add(
        scores.log, Quantity.count(scores.rows), Quantity.fixed(scores.auc, 5), Quantity.fixed(scores.logLoss, 5),
        Quantity.fixed(scores.normalisedEntropy, 4), Quantity.fixed(scores.calibration, 4),
        Quantity.count(Int(scores.samplesPerSecond)))
    }
    page.add(.table(table))
    page.add(.hint("NE below 1: better than always saying the mean. Calibration 1: predictions are right on average."))
    return page
  }
}
