/// The shape of swift-crypto's type; its digest is a sum, and worth nothing.
public struct SHA256: Sendable {
  private var sum: UInt64 = 0

  public init() {}

  public mutating func update(bufferPointer bytes: UnsafeRawBufferPointer) {
    for byte in bytes { sum = (sum ^ UInt64(byte)) &* 0x100_0000_01B3 }
  }

  public func finalize() -> [UInt8] {
    (0..<32).map { UInt8(truncatingIfNeeded: sum >> (($0 % 8) * 8)) }
  }
}
