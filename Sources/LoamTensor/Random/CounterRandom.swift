import LoamKernels

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Random numbers by position: number `i` of a stream depends on the seed, the stream and `i` alone, so that neither the
/// order of drawing nor the number of threads matters.
///
/// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
public struct CounterRandom: Sendable {
  public let seed: UInt64
  public let stream: UInt64

  public init(seed: UInt64, stream: UInt64 = 0) {
    self.seed = seed
    self.stream = stream
  }

  /// A stream named by a text: a layer drawn by its name keeps its numbers when other layers come and go.
  public init(seed: UInt64, stream: String) {
    var stream = stream
    self.init(seed: seed, stream: stream.withUTF8 { loam_hash_bytes($0.baseAddress, $0.count) })
  }

  /// Four numbers of 32 bits.
  public func block(_ index: UInt64) -> SIMD4<UInt32> {
    var (x0, x1) = (UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32))
    var (x2, x3) = (UInt32(truncatingIfNeeded: stream), UInt32(truncatingIfNeeded: stream >> 32))
    var (k0, k1) = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    for _ in 0..<10 {
      let (high0, low0) = x0.multipliedFullWidth(by: 0xD251_1F53)
      let (high1, low1) = x2.multipliedFullWidth(by: 0xCD9E_8D57)
      (x0, x1, x2, x3) = (high1 ^ x1 ^ k0, low1, high0 ^ x3 ^ k1, low0)
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return SIMD4(x0, x1, x2, x3)
  }

  /// In [0, 1), from 24 bits.
  public func uniform(_ index: UInt64) -> Float { Float(block(index)[0] >> 8) * 0x1p-24 }

  /// Mean 0, variance 1 (Box and Muller), computed in f64.
  public func normal(_ index: UInt64) -> Float {
    let bits = block(index)
    let radius = (-2 * log((Double(bits[0]) + 1) * 0x1p-32)).squareRoot()
    return Float(radius * cos(2 * Double.pi * Double(bits[1]) * 0x1p-32))
  }

  /// In 0 ..< bound (Lemire's reduction of 64 bits; the bias is below bound / 2^64).
  public func below(_ bound: UInt64, _ index: UInt64) -> UInt64 {
    let bits = block(index)
    return (UInt64(bits[1]) << 32 | UInt64(bits[0])).multipliedFullWidth(by: bound).high
  }
}

/// What decides one layer's dropout in one step; with the row and the column it decides an element.
public struct DropoutKey: Sendable {
  let bits: UInt64

  public init(seed: UInt64, step: UInt64, layer: String) {
    let block = CounterRandom(seed: seed, stream: layer).block(step)
    bits = UInt64(block[1]) << 32 | UInt64(block[0])
  }
}
