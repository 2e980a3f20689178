/// Rows with labels of 0 and 1 by falling score, equal scores counted together: what every measure of order needs.
///
/// ```
///   score   0.9  0.7  0.7  0.4        ties   0.9: 1 positive
///   label    1    0    1    0                0.7: 1 positive, 1 negative
///                                            0.4: 1 negative
/// ```
struct TiedScores {
  struct Tie {
    var score: Float
    var positives: Int
    var negatives: Int
    var count: Int { positives + negatives }
  }
  private(set) var ties: [Tie] = []
  private(set) var positives = 0
  private(set) var negatives = 0

  /// Rows whose label is NaN are left out. O(n log n).
  init(_ rows: some Sequence<(score: Float, label: Float)>) {
    var keys: [UInt64] = []
    keys.reserveCapacity(rows.underestimatedCount)
    for (score, label) in rows where !label.isNaN {
      precondition(!score.isNaN, "a score is not a number")
      keys.append(Self.falling(score) << 1 | (label > 0.5 ? 1 : 0))
    }
    keys.sort()
    var last = UInt64.max
    for key in keys {
      if key >> 1 != last {
        last = key >> 1
        ties.append(Tie(score: Self.score(last), positives: 0, negatives: 0))
      }
      if key & 1 == 1 { ties[ties.count - 1].positives += 1 } else { ties[ties.count - 1].negatives += 1 }
    }
    positives = keys.reduce(0) { $0 + Int($1 & 1) }
    negatives = keys.count - positives
  }

  init(scores: [Float], labels: [Float]) {
    precondition(scores.count == labels.count, "\(scores.count) scores for \(labels.count) labels")
    self.init(zip(scores, labels).lazy.map { (score: $0, label: $1) })
  }

  /// Bits that fall as the score rises; -0 counts as 0.
  private static func falling(_ score: Float) -> UInt64 {
    let bits = (score + 0).bitPattern
    return UInt64(bits >> 31 == 1 ? bits : ~bits & 0x7FFF_FFFF)
  }

  private static func score(_ falling: UInt64) -> Float {
    let bits = UInt32(falling)
    return Float(bitPattern: bits >> 31 == 1 ? bits : ~bits & 0x7FFF_FFFF)
  }

  /// The probability that a positive row has a larger score than a negative one, ties counting half; NaN where there
  /// are no pairs.
  var auc: Double {
    var (won, negativesAbove) = (0.0, 0.0)
    for tie in ties {
      won += Double(tie.positives) * (Double(negatives) - negativesAbove - Double(tie.negatives) / 2)
      negativesAbove += Double(tie.negatives)
    }
    return won / (Double(positives) * Double(negatives))
  }

  /// The area under precision over recall as a sum of steps, one a distinct score (average precision); NaN without
  /// positives.
  var averagePrecision: Double {
    var (area, above, positivesAbove) = (0.0, 0.0, 0.0)
    for tie in ties {
      above += Double(tie.count)
      positivesAbove += Double(tie.positives)
      area += Double(tie.positives) * positivesAbove / above
    }
    return positives > 0 ? area / Double(positives) : .nan
  }

  /// Mean distance between the mean score and the share of positives, over bins of about equal numbers of rows; NaN
  /// without rows.
  func calibrationError(bins: Int) -> Double {
    let total = Double(positives + negatives)
    var (error, done) = (0.0, 0.0)
    var (rows, hits, predicted) = (0.0, 0.0, 0.0)
    var closed = 0
    for (index, tie) in ties.enumerated() {
      rows += Double(tie.count)
      hits += Double(tie.positives)
      predicted += Double(tie.score) * Double(tie.count)
      guard done + rows >= total * Double(closed + 1) / Double(bins) || index == ties.count - 1 else { continue }
      error += abs(predicted - hits)
      done += rows
      closed = Int(done / total * Double(bins))
      (rows, hits, predicted) = (0, 0, 0)
    }
    return total > 0 ? error / total : .nan
  }
}
