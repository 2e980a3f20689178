#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Who lives in the synthetic log and what is planted in them: the parameters of the true click probability.
///
/// ```
///   advertiser ─▶ campaigns ─▶ items ─▶ category          user ─▶ taste (4 numbers), bias
///        bias         bias      bias, look (4 numbers), price
/// ```
///
/// Popularity is by Zipf's law and independent of the effects: rank says nothing about quality.
struct AdsWorld: Sendable {
  static let factorCount = 4
  static let categoryCount = 12
  static let slots = ["top", "feed", "sidebar", "footer"]
  static let devices = ["phone", "desktop", "tablet", "tv"]

  let userCount: Int
  let itemCount: Int
  let campaignCount: Int
  let advertiserCount: Int

  let userID: [UInt32]
  let userBias: [Float]
  let userTaste: [SIMD4<Float>]
  let userConversionBias: [Float]
  /// Days that the account had existed at the start of the log.
  let userAccountDays: [Float]
  let userDevice: [UInt8]

  let itemID: [UInt32]
  /// Item, campaign and advertiser together.
  let itemBias: [Float]
  let itemLook: [SIMD4<Float>]
  let itemConversionBias: [Float]
  let itemCategory: [UInt8]
  let itemCampaign: [UInt32]
  let campaignAdvertiser: [UInt32]
  let itemPriceCents: [Float]
  /// Mean hours from click to conversion.
  let itemDelayHours: [Float]

  let users: WeightedSampler
  let items: WeightedSampler
  let categoryItems: [[UInt32]]
  let categorySamplers: [WeightedSampler]

  /// Sizes grow with the log, so that an ID is seen about as often in a log of any length.
  init(rows: Int, seed: UInt64) {
    userCount = min(max(rows / 500, 200), 20_000_000)
    itemCount = min(max(rows / 500, 120), 5_000_000)
    campaignCount = max(itemCount / 8, 12)
    advertiserCount = max(campaignCount / 5, 4)

    let user = CounterRandom(seed: seed, stream: 1)
    userID = Self.shuffled(count: userCount, user, base: 100_001)
    userBias = (0..<userCount).map { Float(0.4 * user.normal($0, 0)) }
    userTaste = (0..<userCount).map { index in
      Self.vector { Float(user.normal(index, 4 + 2 * UInt64($0))) }
    }
    userConversionBias = (0..<userCount).map { Float(0.4 * user.normal($0, 16)) }
    userAccountDays = (0..<userCount).map { Float(400 * user.exponential($0, 18)) }
    let deviceShare = WeightedSampler(weights: [0.62, 0.27, 0.08, 0.03])
    userDevice = (0..<userCount).map { UInt8(deviceShare.sample(user, $0, 19)) }

    let advertiser = CounterRandom(seed: seed, stream: 2)
    let campaign = CounterRandom(seed: seed, stream: 3)
    let (advertisers, campaigns) = (advertiserCount, campaignCount)
    let owner = (0..<campaigns).map { UInt32(advertiser.below(advertisers, $0, 0)) }
    campaignAdvertiser = owner

    let item = CounterRandom(seed: seed, stream: 4)
    let categories = CounterRandom(seed: seed, stream: 5)
    itemID = Self.shuffled(count: itemCount, item, base: 1)
    itemCampaign = (0..<itemCount).map { UInt32(item.below(campaigns, $0, 0)) }
    // A campaign sells things of one category, mostly.
    itemCategory = zip(0..<itemCount, itemCampaign).map { index, itsCampaign in
      let strays = item.unit(index, 2) < 0.15
      return UInt8(
        strays
          ? item.below(Self.categoryCount, index, 3) : campaign.below(Self.categoryCount, Int(itsCampaign), 0))
    }
    let popularity = WeightedSampler.zipf(count: itemCount, exponent: 0.95)
    let bias = zip(0..<itemCount, itemCampaign).map { index, itsCampaign in
      let own = 0.4 * item.normal(index, 4)
      let inherited = 0.25 * campaign.normal(Int(itsCampaign), 2)
      return Float(own + inherited + 0.3 * advertiser.normal(Int(owner[Int(itsCampaign)]), 2))
    }
    // The few most shown items must not decide the log's click rate.
    let mean = zip(bias, popularity).reduce(0) { $0 + Double($1.0) * $1.1 } / popularity.reduce(0, +)
    itemBias = bias.map { $0 - Float(mean) }
    itemLook = zip(0..<itemCount, itemCategory).map { index, category in
      Self.vector { factor in
        let typical = categories.normal(Int(category), 2 * UInt64(factor))
        return Float(0.9 * typical + 0.35 * item.normal(index, 8 + 2 * UInt64(factor)))
      }
    }
    itemConversionBias = zip(0..<itemCount, itemCampaign).map { index, itsCampaign in
      Float(0.4 * item.normal(index, 20) + 0.7 * advertiser.normal(Int(owner[Int(itsCampaign)]), 4))
    }
    itemPriceCents = (0..<itemCount).map { Float(2_500 * exp(0.8 * item.normal($0, 22))) }
    itemDelayHours = itemCampaign.map { Float(2 + 30 * advertiser.exponential(Int(owner[Int($0)]), 6)) }

    users = WeightedSampler(weights: WeightedSampler.zipf(count: userCount, exponent: 0.5))
    items = WeightedSampler(weights: popularity)
    var byCategory = [[UInt32]](repeating: [], count: Self.categoryCount)
    for (index, category) in itemCategory.enumerated() { byCategory[Int(category)].append(UInt32(index)) }
    // No empty category: an item of any other stands in.
    for category in byCategory.indices where byCategory[category].isEmpty { byCategory[category] = [0] }
    categoryItems = byCategory
    categorySamplers = byCategory.map { WeightedSampler(weights: $0.map { popularity[Int($0)] }) }
  }

  private static func vector(_ element: (Int) -> Float) -> SIMD4<Float> {
    SIMD4(element(0), element(1), element(2), element(3))
  }

  /// The numbers base ..< base + count in random order (Fisher and Yates).
  private static func shuffled(count: Int, _ random: CounterRandom, base: UInt32) -> [UInt32] {
    var order = (0..<UInt32(count)).map { $0 + base }
    for index in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(index, random.below(index + 1, index, 63))
    }
    return order
  }
}
