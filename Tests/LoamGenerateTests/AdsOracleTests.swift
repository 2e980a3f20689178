import Testing

@testable import LoamGenerate

@Suite struct AdsOracleTests {
  @Test func trueProbabilitiesReachTheAdvertisedScores() throws {
    let oracle = try AdsGenerator(rows: 200_000, seed: 1).forEachRow { _, _ in }
    for part in [oracle.train, oracle.valid] {
      #expect((0.77...0.83).contains(part.click.auc))
      #expect((0.14...0.21).contains(part.click.rate))
      #expect((0.7...0.85).contains(part.conversionAfterClick.auc))
      #expect((0.03...0.14).contains(part.conversionAfterClick.rate))
      #expect(part.conversionAfterClick.rows == part.click.positives)
    }
    #expect(oracle.train.click.rows == 160_000)
    #expect(oracle.valid.click.rows == 40_000)
  }

  @Test func probabilitiesAreCalibrated() throws {
    var (expected, variance, found) = (0.0, 0.0, 0.0)
    try AdsGenerator(rows: 100_000, seed: 3).forEachRow { _, row in
      expected += row.clickProbability
      variance += row.clickProbability * (1 - row.clickProbability)
      found += row.click ? 1 : 0
    }
    #expect(abs(found - expected) < 4 * variance.squareRoot())
  }

  @Test func binnedScoreEqualsTheScoreOfAllPairs() {
    let random = CounterRandom(seed: 9, stream: 0)
    var tally = OracleTally()
    var rows: [(Double, Bool)] = []
    for index in 0..<500 {
      // Multiples of 1/64 tie often and never share a bin with another value.
      let probability = Double(1 + random.below(63, index, 0)) / 64
      rows.append((probability, random.unit(index, 1) < probability))
      tally.add(rows[index].0, rows[index].1)
    }
    var (wins, pairs) = (0.0, 0.0)
    for (high, positive) in rows where positive {
      for (low, negative) in rows where !negative {
        pairs += 1
        wins += high > low ? 1 : high == low ? 0.5 : 0
      }
    }
    #expect(abs(tally.score.auc - wins / pairs) < 1e-12)
  }

  @Test func oneClassAloneScoresOneHalf() {
    var tally = OracleTally()
    tally.add(0.3, true)
    #expect(tally.score.auc == 0.5)
  }
}
