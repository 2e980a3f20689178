import Foundation
import LoamModels
import Testing

@Suite struct RankingMetricsTests {
  @Test func `Average precision of five rows, by hand, and of equal scores the base rate`() {
    // By falling score: + - + - -; precision 1 at the first positive, 2/3 at the second.
    let metrics = BinaryMetrics(probabilities: [0.9, 0.8, 0.7, 0.2, 0.1], labels: [1, 0, 1, 0, 0])
    #expect(abs(metrics.precisionRecallAUC - (1 + 2.0 / 3) / 2) < 1e-12)
    let equal = BinaryMetrics(probabilities: [0.5, 0.5, 0.5, 0.5], labels: [1, 0, 0, 0])
    #expect(equal.precisionRecallAUC == 0.25)
  }

  @Test func `The calibration error is the mean gap of bins, and zero where each bin is right`() {
    // Two scores, two bins: 0.2 with one positive of four (gap 0.05), 0.8 with two of four (gap 0.3).
    let metrics = BinaryMetrics(
      probabilities: [0.2, 0.2, 0.2, 0.2, 0.8, 0.8, 0.8, 0.8], labels: [1, 0, 0, 0, 1, 1, 0, 0])
    #expect(abs(metrics.expectedCalibrationError - 0.175) < 1e-6)
    let right = BinaryMetrics(probabilities: [0.25, 0.25, 0.25, 0.25, 0.5, 0.5], labels: [1, 0, 0, 0, 1, 0])
    #expect(right.expectedCalibrationError == 0)
  }

  @Test func `A bin of the calibration error has a fifteenth of the rows`() {
    // 150 different scores, label 1 in the lowest ten: they are one bin, whose gap is 1 - mean score.
    let scores = (0..<150).map { Float($0) / 1_000 }
    let labels = (0..<150).map { Float($0 < 10 ? 1 : 0) }
    let wrong = 10 - scores[..<10].reduce(0) { $0 + Double($1) }
    let rest = scores[10...].reduce(0) { $0 + Double($1) }
    let error = BinaryMetrics(probabilities: scores, labels: labels).expectedCalibrationError
    #expect(abs(error - (wrong + rest) / 150) < 1e-9)
  }

  @Test func `Grouped AUC weighs groups by rows and leaves out those of one class`() {
    // Group 0: AUC 1 of 2 rows; group 1: AUC 0 of 4 rows; group 2: one class.
    let metrics = GroupedMetrics(
      scores: [0.9, 0.1, 0.1, 0.2, 0.3, 0.4, 0.5], labels: [1, 0, 1, 0, 0, 0, 1], groups: [0, 0, 1, 1, 1, 1, 2])
    #expect(abs(metrics.auc - 2.0 / 6) < 1e-12)
    #expect(metrics.aucGroups == 2 && metrics.rankedGroups == 3)
  }

  @Test func `Hit rate, gain and reciprocal rank of a positive at rank three`() {
    let scores: [Float] = [0.9, 0.8, 0.7, 0.6], labels: [Float] = [0, 0, 1, 0]
    let tops = GroupedMetrics(scores: scores, labels: labels, groups: [0, 0, 0, 0], at: [2, 3]).tops
    #expect(tops[0].hitRate == 0 && tops[0].discountedGain == 0 && tops[0].reciprocalRank == 0)
    #expect(tops[1].hitRate == 1)
    #expect(abs(tops[1].discountedGain - 0.5) < 1e-12)  // 1 / log2(4)
    #expect(abs(tops[1].reciprocalRank - 1.0 / 3) < 1e-12)
  }

  @Test func `Two positives at ranks one and three have the gain of their places over the best one`() {
    let top = GroupedMetrics(scores: [4, 3, 2, 1], labels: [1, 0, 1, 0], groups: [0, 0, 0, 0], at: [4]).tops[0]
    #expect(abs(top.discountedGain - 1.5 / (1 + 1 / log2(3))) < 1e-12)
    #expect(top.reciprocalRank == 1)
  }

  @Test func `Rows of equal scores count as the mean over all their orders`() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<30 {
      let n = 5
      let scores = (0..<n).map { _ in Float(Int.random(in: 0..<3, using: &random)) }
      var labels = (0..<n).map { _ in Float(Int.random(in: 0..<2, using: &random)) }
      labels[0] = 1
      let groups = [UInt32](repeating: 0, count: n)
      let found = GroupedMetrics(scores: scores, labels: labels, groups: groups, at: [3]).tops[0]
      var (hits, gains, ranks, count) = (0.0, 0.0, 0.0, 0.0)
      for order in Self.orders(Array(0..<n)) {
        // The order breaks ties: distinct scores that keep the order of different ones.
        let broken = (0..<n).map { scores[$0] * 10 + Float(order[$0]) }
        let top = GroupedMetrics(scores: broken, labels: labels, groups: groups, at: [3]).tops[0]
        hits += top.hitRate
        gains += top.discountedGain
        ranks += top.reciprocalRank
        count += 1
      }
      #expect(abs(found.hitRate - hits / count) < 1e-9, "\(scores) \(labels)")
      #expect(abs(found.discountedGain - gains / count) < 1e-9, "\(scores) \(labels)")
      #expect(abs(found.reciprocalRank - ranks / count) < 1e-9, "\(scores) \(labels)")
    }
  }

  static func orders(_ values: [Int]) -> [[Int]] {
    guard values.count > 1 else { return [values] }
    return values.indices.flatMap { index in
      var rest = values
      let first = rest.remove(at: index)
      return orders(rest).map { [first] + $0 }
    }
  }

  @Test func `Errors of numbers and of classes, by hand`() {
    let real = RealMetrics(predictions: [1, 2, 5, 9], labels: [1, 4, 4, .nan])
    #expect(real.count == 3)
    #expect(abs(real.rootMeanSquareError - (5.0 / 3).squareRoot()) < 1e-12)
    #expect(real.meanAbsoluteError == 1)
    let classes = ClassMetrics(
      probabilities: [0.5, 0.25, 0.25, 0.25, 0.25, 0.5, 0.25, 0.5, 0.25], classes: 3, labels: [0, 1, .nan])
    #expect(classes.count == 2 && classes.accuracy == 0.5)
    #expect(abs(classes.logLoss - (log(2) + log(4)) / 2) < 1e-7)
  }
}
