#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Draws an index by its weight, in constant time (Walker's alias method).
struct WeightedSampler: Sendable {
  private let threshold: [Double]
  private let alias: [UInt32]

  init(weights: [Double]) {
    precondition(!weights.isEmpty && weights.count < Int(UInt32.max))
    let count = weights.count
    let total = weights.reduce(0, +)
    var scaled = weights.map { $0 * Double(count) / total }
    var alias = (0..<UInt32(count)).map { $0 }
    var small: [Int] = []
    var large: [Int] = []
    for index in 0..<count {
      if scaled[index] < 1 { small.append(index) } else { large.append(index) }
    }
    while let low = small.last, let high = large.last {
      small.removeLast()
      alias[low] = UInt32(high)
      scaled[high] -= 1 - scaled[low]
      if scaled[high] < 1 {
        large.removeLast()
        small.append(high)
      }
    }
    // What rounding left over is full.
    for index in small + large { scaled[index] = 1 }
    threshold = scaled
    self.alias = alias
  }

  /// Rank r has weight 1 / (r + 1)^exponent.
  static func zipf(count: Int, exponent: Double) -> [Double] {
    (0..<count).map { 1 / pow(Double($0 + 1), exponent) }
  }

  @inline(__always)
  func sample(_ random: CounterRandom, _ index: Int, _ purpose: UInt64) -> Int {
    let product = random.bits(index, purpose).multipliedFullWidth(by: UInt64(threshold.count))
    let cell = Int(product.high)
    return Double(product.low >> 11) * 0x1p-53 < threshold[cell] ? cell : Int(alias[cell])
  }
}
