import LoamKernels
import Testing

/// CRC32C beside its definition.
@Suite struct ChecksumTests {
  /// One bit at a time: the polynomial 0x1EDC6F41, reflected.
  private static func definition(_ start: UInt32, _ bytes: ArraySlice<UInt8>) -> UInt32 {
    var crc = ~start
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
    }
    return ~crc
  }

  private static func checksum(_ start: UInt32, _ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.withUnsafeBytes { loam_crc32c(start, $0.baseAddress, $0.count) }
  }

  @Test func theChecksumOfTheDigitsIsThePublishedOne() {
    #expect(Self.checksum(0, Array("123456789".utf8)[...]) == 0xE306_9283)
  }

  @Test func bytesOfAnyLengthAndPlaceAreSummedAsDefined() {
    var random = SeededGenerator(5)
    let bytes = (0..<10_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    // Below, at and above the stretches that are summed side by side: 3 x 128 and 3 x 1,024 bytes.
    for count in [0, 1, 7, 8, 9, 383, 384, 385, 1_000, 3_071, 3_072, 3_073, 3_456, 4_032, 6_144, 9_990] {
      for place in [0, 1, 5] {
        let part = bytes[place..<place + count]
        let start = UInt32(truncatingIfNeeded: random.next())
        #expect(Self.checksum(start, part) == Self.definition(start, part), "\(count) bytes from \(place)")
      }
    }
  }
}
