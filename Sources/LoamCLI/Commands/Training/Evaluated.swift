import LoamTraining

/// What scores are worth, log by log.
struct Evaluated: Report {
  struct Scores: Encodable {
    struct Part: Encodable {
      var label: String
      /// `city=Berlin`, `count(user)=4-15`; nil: all rows.
      var slice: String?
      var rows: Int
      /// By name; only those that are defined.
      var figures: [String: Double]
    }
    var log: String
    var rows: Int
    /// This and the next three of the first label, where it is binary.
    var auc: Double?
    var logLoss: Double?
    /// Log-loss over that of the log's mean label.
    var normalisedEntropy: Double?
    /// Mean prediction over mean label.
    var calibration: Double?
    var parts: [Part]
    var seconds: Double
    var samplesPerSecond: Double
    let report: EvaluationReport

    enum CodingKeys: String, CodingKey {
      case log, rows, auc, logLoss, normalisedEntropy, calibration, parts, seconds, samplesPerSecond
    }

    init(_ report: EvaluationReport) {
      func defined(_ value: Double) -> Double? { value.isFinite ? value : nil }
      log = report.log
      rows = report.rows
      auc = defined(report.auc)
      logLoss = defined(report.logLoss)
      normalisedEntropy = defined(report.normalisedEntropy)
      calibration = defined(report.calibration)
      parts = report.parts.map { part in
        Part(
          label: part.label, slice: part.slice?.name, rows: part.rows,
          figures: Dictionary(
            uniqueKeysWithValues: part.figures.filter { $0.value.isFinite }.map { ($0.name, $0.value) }))
      }
      seconds = report.seconds
      samplesPerSecond = report.samplesPerSecond
      self.report = report
    }
  }
  var model: String
  var version: UInt64
  var logs: [Scores]

  var page: Page {
    let reports = logs.map(\.report)
    var page = Page(.title("\(model) at version \(version)"))
    page.add(.table(FigureTable.whole(reports)))
    if let ranking = FigureTable.ranking(reports) {
      page.add(.title("Within groups"))
      page.add(.table(ranking))
    }
    for (title, table) in FigureTable.slices(reports) {
      page.add(.title(title))
      page.add(.table(table))
    }
    page.add(.hint("NE below 1: better than always saying the mean. Calibration 1: predictions are right on average."))
    return page
  }
}
