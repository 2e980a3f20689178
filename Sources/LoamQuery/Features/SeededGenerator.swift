import LoamKernels

/// SplitMix64: a stream of random numbers that is the same on every system, for shuffles and draws that must repeat.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Streams of different `parts` are independent of each other.
  public init(seed: UInt64, _ parts: UInt64...) {
    state = parts.reduce(loam_mix64(seed &+ Self.golden)) { loam_mix64($0 ^ loam_mix64($1 &+ Self.golden)) }
  }

  private static let golden: UInt64 = 0x9E37_79B9_7F4A_7C15

  public mutating func next() -> UInt64 {
    state &+= Self.golden
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A number below `bound`, by the high half of a product: the bias is below bound / 2^64.
  public mutating func below(_ bound: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// Fisher and Yates, written out: the standard library does not promise the same order in its next release.
  public mutating func shuffle<T>(_ values: inout [T]) {
    guard values.count > 1 else { return }
    for last in stride(from: values.count - 1, through: 1, by: -1) { values.swapAt(last, below(last + 1)) }
  }
}
