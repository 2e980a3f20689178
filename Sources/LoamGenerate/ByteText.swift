/// Numbers and text appended to a byte buffer without an intermediate string.
struct ByteText {
  private(set) var bytes: [UInt8] = []

  init(capacity: Int) { bytes.reserveCapacity(capacity) }

  var count: Int { bytes.count }
  mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }
  @inline(__always) mutating func append(byte: UInt8) { bytes.append(byte) }
  @inline(__always) mutating func append(_ text: StaticString) {
    bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }
  mutating func append(_ text: [UInt8]) { bytes.append(contentsOf: text) }

  /// Decimal, with leading zeros up to `width`. Not negative.
  @inline(__always)
  mutating func append(_ value: Int, width: Int = 1) {
    precondition(value >= 0 && width <= 20)
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
      var rest = UInt64(value)
      var start = 20
      repeat {
        start -= 1
        digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
        rest /= 10
      } while rest > 0 || start > 20 - width
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: UnsafeBufferPointer(digits)[start...]))
    }
  }

  /// Lower-case hexadecimal, eight digits.
  mutating func append(hexadecimal value: UInt32) {
    for shift in stride(from: UInt32(28), through: 0, by: -4) {
      let digit = UInt8(truncatingIfNeeded: value >> shift) & 15
      bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit)
    }
  }
}
