#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How well the true probabilities themselves predict a label: no model can do better on average.
public struct OracleScore: Sendable, Equatable, Codable {
  public var rows: Int
  public var positives: Int
  public var rate: Double
  /// Area under the ROC curve.
  public var auc: Double
  /// Mean of -ln(probability of what happened), in nats.
  public var logLoss: Double
  /// Log-loss over that of the constant `rate`.
  public var normalisedEntropy: Double

  enum CodingKeys: String, CodingKey {
    case rows, positives, rate, auc
    case logLoss = "log_loss"
    case normalisedEntropy = "normalised_entropy"
  }
}

/// Collects (probability, label) in bounded memory: 65,536 bins, ties within a bin count half.
struct OracleTally: Sendable {
  private static let bins = 65_536
  private var negatives = [Int](repeating: 0, count: Self.bins)
  private var positives = [Int](repeating: 0, count: Self.bins)
  private var lossSum = 0.0

  mutating func add(_ probability: Double, _ label: Bool) {
    let bin = min(Int(probability * Double(Self.bins)), Self.bins - 1)
    if label { positives[bin] += 1 } else { negatives[bin] += 1 }
    lossSum -= log(label ? probability : 1 - probability)
  }

  var score: OracleScore {
    let positive = positives.reduce(0, +)
    let negative = negatives.reduce(0, +)
    let rows = positive + negative
    var below = 0.0
    var wins = 0.0
    for bin in 0..<Self.bins {
      wins += Double(positives[bin]) * (below + Double(negatives[bin]) / 2)
      below += Double(negatives[bin])
    }
    let rate = rows == 0 ? 0 : Double(positive) / Double(rows)
    let pairs = Double(positive) * Double(negative)
    let loss = rows == 0 ? 0 : lossSum / Double(rows)
    let entropy = rate > 0 && rate < 1 ? -(rate * log(rate) + (1 - rate) * log(1 - rate)) : 1
    return OracleScore(
      rows: rows, positives: positive, rate: rate, auc: pairs == 0 ? 0.5 : wins / pairs, logLoss: loss,
      normalisedEntropy: loss / entropy)
  }
}
