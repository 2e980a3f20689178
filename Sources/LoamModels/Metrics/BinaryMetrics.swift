#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How well probabilities predict labels of 0 and 1.
///
/// A row whose label is NaN is left out. Undefined figures (AUC of one class only, calibration without positives) are
/// NaN.
public struct BinaryMetrics: Sendable, Equatable {
  /// Rows with a label.
  public var count: Int
  public var positives: Int
  /// The probability that a positive row has a larger score than a negative one; ties count half. Exact.
  public var auc: Double
  /// Average precision: the area under precision over recall, in steps.
  public var precisionRecallAUC: Double
  /// Mean cross entropy in nats; probabilities are kept 1e-7 away from 0 and 1.
  public var logLoss: Double
  /// Log-loss over that of always predicting the base rate: 1 is as good as knowing nothing else, smaller is better.
  /// Source: He et al., "Practical lessons from predicting clicks on ads at Facebook" (ADKDD 2014), eq. 3.
  public var normalisedEntropy: Double
  /// Mean prediction over mean label: 1 is right on average.
  public var calibration: Double
  /// Expected calibration error: |mean prediction - share of positives|, averaged over 15 bins.
  ///
  /// Source: Guo et al., "On calibration of modern neural networks" (ICML 2017), eq. 3; there bins have equal widths,
  /// here equal numbers of rows, since click probabilities crowd near 0. Equal scores stay in one bin.
  public var expectedCalibrationError: Double

  /// O(n log n) for `probabilities` and `labels` of `n` rows each.
  public init(probabilities: [Float], labels: [Float]) {
    let tied = TiedScores(scores: probabilities, labels: labels)
    var (loss, predicted) = (0.0, 0.0)
    for (probability, label) in zip(probabilities, labels) where !label.isNaN {
      let p = min(max(Double(probability), 1e-7), 1 - 1e-7)
      loss -= label > 0.5 ? log(p) : log1p(-p)
      predicted += Double(probability)
    }
    count = tied.positives + tied.negatives
    positives = tied.positives
    let base = Double(positives) / Double(count)
    let entropy = -(base * log(base) + (1 - base) * log1p(-base))
    logLoss = loss / Double(count)
    normalisedEntropy = entropy > 0 ? logLoss / entropy : .nan
    calibration = positives > 0 ? predicted / Double(positives) : .nan
    auc = tied.auc
    precisionRecallAUC = tied.averagePrecision
    expectedCalibrationError = tied.calibrationError(bins: 15)
  }

  /// The area under the receiver operating characteristic, from any scores that rise with the probability.
  public static func auc(scores: [Float], labels: [Float]) -> Double { TiedScores(scores: scores, labels: labels).auc }

  public var figures: [Figure] {
    [
      Figure("auc", auc), Figure("logloss", logLoss), Figure("normalised_entropy", normalisedEntropy),
      Figure("calibration", calibration), Figure("ece", expectedCalibrationError),
      Figure("pr_auc", precisionRecallAUC),
    ]
  }
}
