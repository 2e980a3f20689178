import Testing

@testable import LoamGenerate

@Suite struct AdsRowTests {
  private func rows(_ count: Int, seed: UInt64) throws -> [AdsRow] {
    var rows: [AdsRow] = []
    try AdsGenerator(rows: count, seed: seed).forEachRow { _, row in rows.append(row) }
    return rows
  }

  @Test func timeNeverGoesBack() throws {
    let rows = try rows(5_000, seed: 1)
    #expect(zip(rows, rows.dropFirst()).allSatisfy { $0.timeMilliseconds <= $1.timeMilliseconds })
    let days = Double(rows.last!.timeMilliseconds - rows[0].timeMilliseconds) / 86_400_000
    #expect((8...20).contains(days))
  }

  @Test func conversionFollowsAClickAndComesLater() throws {
    let rows = try rows(20_000, seed: 2)
    let conversions = rows.filter(\.conversion)
    #expect(conversions.count > 50)
    #expect(conversions.allSatisfy { $0.click && $0.conversionTimeMilliseconds > $0.timeMilliseconds })
    #expect(rows.allSatisfy { $0.conversion || $0.conversionTimeMilliseconds == 0 })
  }

  @Test func historyHoldsTheLastClicksBeforeTheRow() throws {
    var clicked: [UInt32: [UInt32]] = [:]
    for row in try rows(20_000, seed: 4) {
      #expect(row.history == Array(clicked[row.user, default: []].suffix(AdsGenerator.historyLength)))
      if row.click { clicked[row.user, default: []].append(row.item) }
    }
    #expect(clicked.values.contains { $0.count > AdsGenerator.historyLength })
  }

  @Test func eachItemHasOneCampaignAndEachCampaignOneAdvertiser() throws {
    var campaigns: [UInt32: UInt32] = [:]
    var advertisers: [UInt32: UInt32] = [:]
    for row in try rows(20_000, seed: 5) {
      #expect(campaigns.updateValue(row.campaign, forKey: row.item) ?? row.campaign == row.campaign)
      #expect(advertisers.updateValue(row.advertiser, forKey: row.campaign) ?? row.advertiser == row.advertiser)
    }
  }

  @Test func fewItemsTakeMostImpressions() throws {
    var counts: [UInt32: Int] = [:]
    for row in try rows(50_000, seed: 6) { counts[row.item, default: 0] += 1 }
    let top = counts.values.sorted(by: >).prefix(20).reduce(0, +)
    #expect(Double(top) / 50_000 > 0.4)
  }

  @Test func rowsDifferBetweenSeeds() throws {
    let (first, second) = (try rows(200, seed: 1), try rows(200, seed: 2))
    #expect(zip(first, second).contains { $0.item != $1.item })
  }

  @Test(arguments: [-1, 0, 99, 10_000_000_001]) func rowCountOutsideTheLimitsIsRefused(rows: Int) {
    #expect(throws: GenerateError.self) { try AdsGenerator(rows: rows, seed: 1) }
  }
}
