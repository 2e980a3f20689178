#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How well scores order the rows within groups, as those that one user was shown or one query found.
///
/// Rows of equal scores have no order: every figure is its mean over all orders of them. A scorer that says the same
/// for all rows is thus as good as chance.
public struct GroupedMetrics: Sendable, Equatable {
  /// Figures for the first `k` rows of each group that has a positive one, averaged over groups.
  public struct Top: Sendable, Equatable {
    public var k: Int
    /// HR@K: the share of groups with a positive row among the first K.
    public var hitRate = 0.0
    /// NDCG@K with gains of 0 and 1 and discounts of 1 / log2(rank + 1).
    /// Source: Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques" (TOIS 2002).
    public var discountedGain = 0.0
    /// MRR@K: 1 / rank of the first positive row, 0 where it comes after the Kth.
    public var reciprocalRank = 0.0
  }
  /// Mean AUC of the groups that have both classes, each weighted by its rows; NaN without such a group.
  /// Source: Zhou et al., "Deep interest network for click-through rate prediction" (KDD 2018), eq. 7.
  public var auc: Double
  /// Groups with both classes.
  public var aucGroups = 0
  /// Groups with a positive row.
  public var rankedGroups = 0
  public var tops: [Top]

  /// - Parameters:
  ///   - groups: of each row, the number of its group.
  ///   - ks: where to cut, as [5, 10].
  public init(scores: [Float], labels: [Float], groups: [UInt32], at ks: [Int] = []) {
    precondition(scores.count == labels.count && groups.count == labels.count)
    tops = ks.map { Top(k: $0) }
    var (won, weight) = (0.0, 0.0)
    for rows in Self.rows(of: groups) {
      let tied = TiedScores(rows.lazy.map { (score: scores[Int($0)], label: labels[Int($0)]) })
      guard tied.positives > 0 else { continue }
      rankedGroups += 1
      for index in tops.indices { tops[index].add(tied) }
      guard tied.negatives > 0 else { continue }
      aucGroups += 1
      let count = Double(tied.positives + tied.negatives)
      won += tied.auc * count
      weight += count
    }
    auc = won / weight
    for index in tops.indices { tops[index].divide(by: Double(rankedGroups)) }
  }

  public var figures: [Figure] {
    [Figure("gauc", auc)]
      + tops.flatMap {
        [
          Figure("hr@\($0.k)", $0.hitRate), Figure("ndcg@\($0.k)", $0.discountedGain),
          Figure("mrr@\($0.k)", $0.reciprocalRank),
        ]
      }
  }

  /// The rows of each group, by group number.
  private static func rows(of groups: [UInt32]) -> [ArraySlice<UInt32>] {
    let count = groups.max().map { Int($0) + 1 } ?? 0
    var starts = [Int](repeating: 0, count: count + 1)
    for group in groups { starts[Int(group) + 1] += 1 }
    for group in 0..<count { starts[group + 1] += starts[group] }
    var (next, rows) = (starts, [UInt32](repeating: 0, count: groups.count))
    for (row, group) in groups.enumerated() {
      rows[next[Int(group)]] = UInt32(row)
      next[Int(group)] += 1
    }
    return (0..<count).map { rows[starts[$0]..<starts[$0 + 1]] }
  }
}

extension GroupedMetrics.Top {
  fileprivate mutating func add(_ tied: TiedScores) {
    var (above, gain, isFirst) = (0, 0.0, true)
    for tie in tied.ties {
      guard above < k else { break }
      let inside = min(tie.count, k - above)
      // Each place of the tie holds a positive row with the same probability.
      if tie.positives > 0 {
        let share = Double(tie.positives) / Double(tie.count)
        for place in above + 1...above + inside { gain += share / log2(Double(place) + 1) }
      }
      if tie.positives > 0, isFirst {
        isFirst = false
        // The probability that no place of the tie before this one holds a positive row.
        var none = 1.0
        for place in 0..<inside {
          let hit = min(1, Double(tie.positives) / Double(tie.count - place))
          hitRate += none * hit
          reciprocalRank += none * hit / Double(above + place + 1)
          none *= 1 - hit
        }
      }
      above += tie.count
    }
    let ideal = (1...max(1, min(k, tied.positives))).reduce(0.0) { $0 + 1 / log2(Double($1) + 1) }
    discountedGain += gain / ideal
  }

  fileprivate mutating func divide(by groups: Double) {
    hitRate /= groups
    discountedGain /= groups
    reciprocalRank /= groups
  }
}
