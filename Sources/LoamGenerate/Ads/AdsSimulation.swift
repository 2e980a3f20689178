#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Plays the world row by row, in time order; remembers only what each user clicked last.
struct AdsSimulation {
  static let startMilliseconds: Int64 = 1_735_689_600_000  // 2025-01-01T00:00:00Z
  static let days = 14.0

  let world: AdsWorld
  private let random: CounterRandom
  private let meanGapMilliseconds: Double
  private var nextIndex = 0
  private var clock = Double(Self.startMilliseconds)
  /// A ring of item indices a user.
  private var clicked: [UInt32]
  private var clickCounts: [UInt32]
  private let hourRate: [Double]
  private let hourEffect: [Float]

  init(rows: Int, seed: UInt64) {
    world = AdsWorld(rows: rows, seed: seed)
    random = CounterRandom(seed: seed, stream: 6)
    meanGapMilliseconds = Self.days * 86_400_000 / Double(rows)
    clicked = .init(repeating: 0, count: world.userCount * AdsGenerator.historyLength)
    clickCounts = .init(repeating: 0, count: world.userCount)
    // Traffic peaks in the evening; people click most late at night and at lunch.
    hourRate = (0..<24).map { 1 + 0.6 * cos((Double($0) - 20) / 12 * Double.pi) }
    hourEffect = (0..<24).map { hour in
      Float(0.3 * cos((Double(hour) - 23) / 12 * Double.pi) + ((12...13).contains(hour) ? 0.3 : 0))
    }
  }

  mutating func next(_ row: inout AdsRow) {
    let index = nextIndex
    nextIndex += 1
    let hourNow = Int(Int64(clock) / 3_600_000 % 24)
    clock += meanGapMilliseconds * random.exponential(index, 0) / hourRate[hourNow]
    row.timeMilliseconds = Int64(clock)
    row.hour = Int(row.timeMilliseconds / 3_600_000 % 24)

    let user = world.users.sample(random, index, 1)
    let clicks = Int(clickCounts[user])
    let length = AdsGenerator.historyLength
    let item = chooseItem(index, user: user, clicks: clicks)
    let campaign = Int(world.itemCampaign[item])
    row.user = world.userID[user]
    row.item = world.itemID[item]
    row.campaign = UInt32(campaign)
    row.advertiser = world.campaignAdvertiser[campaign]
    row.device = random.unit(index, 4) < 0.8 ? Int(world.userDevice[user]) : random.below(4, index, 5)
    row.position = 1 + Int(8 * random.unit(index, 6) * random.unit(index, 7))
    row.slot = row.position == 1 ? 0 : 1 + random.below(3, index, 8)
    row.priceCents = max(1, Int(Double(world.itemPriceCents[item]) * (0.85 + 0.3 * random.unit(index, 9))))
    row.accountDays = Int(Double(world.userAccountDays[user]) + (clock - Double(Self.startMilliseconds)) / 86_400_000)

    row.history.removeAll(keepingCapacity: true)
    var matches = 0
    for back in stride(from: min(clicks, length), to: 0, by: -1) {
      let past = Int(clicked[user * length + (clicks - back) % length])
      row.history.append(world.itemID[past])
      if world.itemCategory[past] == world.itemCategory[item] { matches += 1 }
    }

    row.clickProbability = clickProbability(row, user: user, item: item, matches: matches)
    row.click = random.unit(index, 10) < row.clickProbability
    row.conversionProbability = conversionProbability(row, user: user, item: item, matches: matches)
    row.conversion = row.click && random.unit(index, 11) < row.conversionProbability
    let delay = 20_000 + 3_600_000 * Double(world.itemDelayHours[item]) * random.exponential(index, 12)
    row.conversionTimeMilliseconds = row.conversion ? row.timeMilliseconds + Int64(delay) : 0
    if row.click {
      clicked[user * length + clicks % length] = UInt32(item)
      clickCounts[user] += 1
    }
  }

  /// A third of the impressions go to the category of a recent click (retargeting), the rest by popularity.
  private func chooseItem(_ index: Int, user: Int, clicks: Int) -> Int {
    guard clicks > 0, random.unit(index, 2) < 0.33 else { return world.items.sample(random, index, 3) }
    let length = AdsGenerator.historyLength
    let back = 1 + random.below(min(clicks, length), index, 13)
    let category = Int(world.itemCategory[Int(clicked[user * length + (clicks - back) % length])])
    return Int(world.categoryItems[category][world.categorySamplers[category].sample(random, index, 14)])
  }

  private func clickProbability(_ row: AdsRow, user: Int, item: Int, matches: Int) -> Double {
    var logit: Float = -2.2 + world.userBias[user] + world.itemBias[item] + hourEffect[row.hour]
    logit += 0.36 * (world.userTaste[user] * world.itemLook[item]).sum()
    logit += 0.28 * Float(min(matches, 4))
    logit -= 0.16 * Float(row.position - 1)
    logit += Self.slotEffect[row.slot] + Self.deviceEffect[row.device]
    logit -= 0.25 * log(Float(row.priceCents) / 2_500)
    logit -= 0.1 * log1p(Float(row.accountDays) / 100)
    return 1 / (1 + exp(-Double(logit)))
  }

  private func conversionProbability(_ row: AdsRow, user: Int, item: Int, matches: Int) -> Double {
    var logit: Float = -3.9 + world.userConversionBias[user] + world.itemConversionBias[item]
    logit += 0.2 * (world.userTaste[user] * world.itemLook[item]).sum()
    logit += 0.2 * Float(min(matches, 4))
    logit += row.device == 1 ? 0.5 : 0
    logit -= 0.5 * log(Float(row.priceCents) / 2_500)
    return 1 / (1 + exp(-Double(logit)))
  }

  private static let slotEffect: [Float] = [0.25, 0, -0.3, -0.5]
  private static let deviceEffect: [Float] = [0.1, -0.1, 0, -0.6]
}
