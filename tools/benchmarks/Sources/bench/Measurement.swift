import Foundation

/// One case: what Loam reached, and a peer beside it.
struct Measurement: Encodable {
  var benchmark: String
  var variant: String
  var threads = 1
  /// Rows, or whatever the case counts.
  var n: Int
  var unit: String
  var loam: Double
  /// (highest - lowest) / median of Loam's rounds.
  var spread: Double
  var peer: String?
  var peerVersion: String?
  var peerSettings: String?
  var peerValue: Double?
  /// Loam to the peer, larger is better: the median of the rounds' own ratios, as each round had its own neighbours.
  var ratio: Double?
  /// What the ratio is to reach; where there is no peer, what `loam` is.
  var limit: Double?
  /// Share of the limit; 1 is reached.
  var ofLimit: Double?

  enum CodingKeys: String, CodingKey {
    case benchmark, variant, threads, n, unit, loam, spread, peer
    case peerVersion = "peer_version"
    case peerSettings = "peer_settings"
    case peerValue = "peer_value"
    case ratio, limit
    case ofLimit = "of_limit"
  }

  /// Absent figures are null, so that every line has every key.
  func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(benchmark, forKey: .benchmark)
    try values.encode(variant, forKey: .variant)
    try values.encode(threads, forKey: .threads)
    try values.encode(n, forKey: .n)
    try values.encode(unit, forKey: .unit)
    try values.encode(Self.rounded(loam), forKey: .loam)
    try values.encode(Self.rounded(spread), forKey: .spread)
    try values.encode(peer, forKey: .peer)
    try values.encode(peerVersion, forKey: .peerVersion)
    try values.encode(peerSettings, forKey: .peerSettings)
    try values.encode(peerValue.map(Self.rounded), forKey: .peerValue)
    try values.encode(ratio.map(Self.rounded), forKey: .ratio)
    try values.encode(limit, forKey: .limit)
    try values.encode(ofLimit.map(Self.rounded), forKey: .ofLimit)
  }

  /// Four digits: more is noise.
  private static func rounded(_ value: Double) -> Double { Double(String(format: "%.4g", value))! }
}

extension Measurement {
  /// What a figure is to reach.
  enum Aim {
    case ratio(Double)
    case atLeast(Double)
    case atMost(Double)
  }

  init(
    _ benchmark: String, _ variant: String, threads: Int = 1, n: Int, unit: String, _ rounds: Rounds,
    _ aim: Aim? = nil, _ peer: Peer? = nil, lowerIsBetter: Bool = false
  ) {
    (self.benchmark, self.variant, self.threads, self.n, self.unit) = (benchmark, variant, threads, n, unit)
    loam = Rounds.median(rounds.loam)
    spread = rounds.spread
    (self.peer, peerVersion, peerSettings) = (peer?.name, peer?.version, peer?.settings)
    peerValue = rounds.peer.isEmpty ? nil : Rounds.median(rounds.peer)
    ratio = rounds.ratio(lowerIsBetter: lowerIsBetter)
    switch aim {
    case .ratio(let aim): (limit, ofLimit) = (aim, ratio.map { $0 / aim })
    case .atLeast(let aim): (limit, ofLimit) = (aim, loam / aim)
    case .atMost(let aim): (limit, ofLimit) = (aim, aim / loam)
    case nil: break
    }
  }
}
