import Foundation
import LoamModels
import Testing

@Suite struct BinaryMetricsTests {
  @Test func `AUC counts pairs, a tie as half`() {
    // Positives 0.8, 0.4, 0.4; negatives 0.4, 0.1. Pairs won: 2 + 1.5 + 1.5 of 6.
    let auc = BinaryMetrics.auc(scores: [0.8, 0.4, 0.4, 0.4, 0.1], labels: [1, 1, 1, 0, 0])
    #expect(abs(auc - 5 / 6) < 1e-12)
  }

  @Test func `AUC of equal scores is a half, of perfect order one, of one class undefined`() {
    #expect(BinaryMetrics.auc(scores: [1, 1, 1, 1], labels: [1, 0, 0, 1]) == 0.5)
    #expect(BinaryMetrics.auc(scores: [-3, 2, 5, -9], labels: [0, 1, 1, 0]) == 1)
    #expect(BinaryMetrics.auc(scores: [1, 2], labels: [1, 1]).isNaN)
  }

  @Test func `AUC equals the count over all pairs on random scores with ties`() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<20 {
      let n = 200
      let scores = (0..<n).map { _ in Float(Int.random(in: 0..<30, using: &generator)) }
      let labels = (0..<n).map { $0 < 2 ? Float($0) : Float(Int.random(in: 0..<2, using: &generator)) }
      var (won, pairs) = (0.0, 0.0)
      for i in 0..<n where labels[i] == 1 {
        for j in 0..<n where labels[j] == 0 {
          pairs += 1
          won += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0
        }
      }
      #expect(abs(BinaryMetrics.auc(scores: scores, labels: labels) - won / pairs) < 1e-12, "\(scores) \(labels)")
    }
  }

  @Test func `log-loss, normalised entropy and calibration of four rows, by hand`() {
    let metrics = BinaryMetrics(probabilities: [0.5, 0.25, 0.75, 0.25, 0.9], labels: [1, 0, 1, 0, .nan])
    // -(ln 0.5 + 3 ln 0.75) / 4
    let logLoss = (0.693147180559945 + 3 * 0.287682072451781) / 4
    #expect(metrics.count == 4 && metrics.positives == 2)
    #expect(abs(metrics.logLoss - logLoss) < 1e-9)
    #expect(abs(metrics.normalisedEntropy - logLoss / 0.693147180559945) < 1e-9)
    #expect(abs(metrics.calibration - 1.75 / 2) < 1e-12)
  }

  @Test func `a certain and wrong prediction costs a finite loss`() {
    #expect(BinaryMetrics(probabilities: [0, 1], labels: [1, 0]).logLoss < 17)
  }
}
