#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Random numbers by address: the draw of a row does not depend on how many draws other rows made.
///
/// The same (seed, stream, index, purpose) gives the same number on every machine, in any order, on any thread.
struct CounterRandom: Sendable {
  private let key: UInt64

  /// Each `stream` of a seed is independent of the others.
  init(seed: UInt64, stream: UInt64) {
    key = Self.mix(seed &+ Self.mix(stream &+ 0x9e37_79b9_7f4a_7c15))
  }

  /// Stafford's variant 13 of the murmur3 finaliser, as splitmix64 uses it.
  @inline(__always)
  static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  @inline(__always)
  func bits(_ index: Int, _ purpose: UInt64) -> UInt64 {
    let step: UInt64 = 0x9e37_79b9_7f4a_7c15
    return Self.mix(Self.mix(key &+ UInt64(truncatingIfNeeded: index) &* step) &+ purpose &* step)
  }

  /// In [0, 1), 53 bits.
  @inline(__always)
  func unit(_ index: Int, _ purpose: UInt64) -> Double {
    Double(bits(index, purpose) >> 11) * 0x1p-53
  }

  /// In 0 ..< bound.
  @inline(__always)
  func below(_ bound: Int, _ index: Int, _ purpose: UInt64) -> Int {
    Int(bits(index, purpose).multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// Normal(0, 1) by Box and Muller; uses `purpose` and `purpose + 1`.
  func normal(_ index: Int, _ purpose: UInt64) -> Double {
    let radius = (-2 * log(1 - unit(index, purpose))).squareRoot()
    return radius * cos(2 * Double.pi * unit(index, purpose + 1))
  }

  /// Exponential with mean 1.
  @inline(__always)
  func exponential(_ index: Int, _ purpose: UInt64) -> Double {
    -log(1 - unit(index, purpose))
  }
}
