import LoamModels

/// What a model's scores on one log are worth.
public struct EvaluationReport: Sendable, Equatable {
  /// Figures of one label, for all rows or a slice.
  public struct Part: Sendable, Equatable {
    public var label: String
    /// `nil`: all rows.
    public var slice: Slice?
    /// Rows that have the label.
    public var rows: Int
    public var figures: [Figure]

    /// NaN where there is no such figure.
    public subscript(_ name: String) -> Double { figures.first { $0.name == name }?.value ?? .nan }
  }
  public var log: String
  /// Labels in the model's order, each with all rows first.
  public var parts: [Part]
  /// Of all rows of the log.
  public var rows: Int
  public var seconds: Double
  private let namesLabels: Bool

  init(log: String, parts: [Part], rows: Int, seconds: Double) {
    (self.log, self.parts, self.rows, self.seconds) = (log, parts, rows, seconds)
    namesLabels = Set(parts.map(\.label)).count > 1
  }

  public var samplesPerSecond: Double { seconds > 0 ? Double(rows) / seconds : 0 }

  /// A figure of all rows, of the first label; NaN where there is none.
  public subscript(_ name: String) -> Double { parts.first?[name] ?? .nan }
  public var auc: Double { self["auc"] }
  public var logLoss: Double { self["logloss"] }
  public var normalisedEntropy: Double { self["normalised_entropy"] }
  public var calibration: Double { self["calibration"] }

  /// What decides which epoch is the best, unless the config says it.
  var mainMetric: EarlyStoppingConfig.Metric {
    let known = Set(parts.first?.figures.map(\.name) ?? [])
    return [.auc, .rootMeanSquareError].first { known.contains($0.rawValue) } ?? .logLoss
  }

  /// By the names that versions use: `[LABEL/][SLICE/]FIGURE`, the label where there are several. Defined ones only.
  ///
  /// ```
  ///   auc    pr_auc    count(user)=4-15/auc    city=Berlin/logloss    click/auc
  /// ```
  public var metrics: [String: Double] {
    var metrics: [String: Double] = [:]
    for part in parts {
      let path = [namesLabels ? part.label : nil, part.slice?.name].compactMap { $0 }
      for figure in part.figures where figure.value.isFinite {
        metrics[(path + [figure.name]).joined(separator: "/")] = figure.value
      }
      if part.slice != nil { metrics[(path + ["rows"]).joined(separator: "/")] = Double(part.rows) }
    }
    return metrics
  }
}
