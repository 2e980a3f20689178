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
  /// Mean cross entropy in nats; probabilities are kept 1e-7 away from 0 and 1.
  public var logLoss: Double
  /// Log-loss over that of always predicting the base rate: 1 is as good as knowing nothing else, smaller is better.
  /// Source: He et al., "Practical lessons from predicting clicks on ads at Facebook" (ADKDD 2014), eq. 3.
  public var normalisedEntropy: Double
  /// Mean prediction over mean label: 1 is right on average.
  public var calibration: Double

  /// O(n log n) for `probabilities` and `labels` of `n` rows each.
  public init(probabilities: [Float], labels: [Float]) {
    precondition(probabilities.count == labels.count, "\(probabilities.count) probabilities for \(labels.count) labels")
    var (count, positives, loss, predicted) = (0, 0, 0.0, 0.0)
    for (probability, label) in zip(probabilities, labels) where !label.isNaN {
      let p = min(max(Double(probability), 1e-7), 1 - 1e-7)
      count += 1
      positives += label > 0.5 ? 1 : 0
      loss -= label > 0.5 ? log(p) : log1p(-p)
      predicted += Double(probability)
    }
    let base = Double(positives) / Double(count)
    let entropy = -(base * log(base) + (1 - base) * log1p(-base))
    self.count = count
    self.positives = positives
    logLoss = loss / Double(count)
    normalisedEntropy = entropy > 0 ? logLoss / entropy : .nan
    calibration = positives > 0 ? predicted / Double(positives) : .nan
    auc = Self.auc(scores: probabilities, labels: labels)
  }

  /// The area under the receiver operating characteristic, from any scores that rise with the probability.
  ///
  /// Walks the scores in rising order by groups of equal ones: a positive beats every negative of the groups before and
  /// half of those in its own.
  public static func auc(scores: [Float], labels: [Float]) -> Double {
    let order = scores.indices.filter { !labels[$0].isNaN }.sorted { scores[$0] < scores[$1] }
    var (negativesBelow, positives, won) = (0.0, 0.0, 0.0)
    var begin = 0
    while begin < order.count {
      var end = begin
      var (negativesHere, positivesHere) = (0.0, 0.0)
      while end < order.count, scores[order[end]] == scores[order[begin]] {
        if labels[order[end]] > 0.5 { positivesHere += 1 } else { negativesHere += 1 }
        end += 1
      }
      precondition(end > begin, "a score is not a number")
      won += positivesHere * (negativesBelow + negativesHere / 2)
      negativesBelow += negativesHere
      positives += positivesHere
      begin = end
    }
    return won / (positives * negativesBelow)
  }
}
