import Testing
import Zstd

@Suite struct ZstdTests {
  static let text = (0..<5_000).flatMap { "row \($0 % 97);".utf8 }

  static func compressed(_ bytes: [UInt8], level: Int32 = 3) -> [UInt8] {
    bytes.withUnsafeBytes { Zstd.compress($0, level: level) }
  }

  @Test(arguments: [0, 1, 2_000, 40_000]) func contentComesBack(count: Int) throws {
    let bytes = Array(Self.text.prefix(count))
    let frame = Self.compressed(bytes)
    #expect(try frame.withUnsafeBytes { try Zstd.decompress($0, expectedSize: bytes.count) } == bytes)
  }

  @Test(arguments: [-1, 1, -1_000]) func anotherSizeThanExpectedIsRefused(by: Int) {
    let frame = Self.compressed(Self.text)
    #expect(throws: ZstdError.self) {
      try frame.withUnsafeBytes { try Zstd.decompress($0, expectedSize: Self.text.count + by) }
    }
  }

  @Test func aNegativeSizeIsRefused() {
    #expect(throws: ZstdError("expected size -1 is negative")) {
      try Self.compressed([1]).withUnsafeBytes { try Zstd.decompress($0, expectedSize: -1) }
    }
  }

  @Test func everyTruncationIsRefused() {
    let bytes = Array(Self.text.prefix(300))
    let frame = Self.compressed(bytes)
    for count in 0..<frame.count {
      #expect(throws: ZstdError.self, "cut at \(count)") {
        try frame.prefix(count).withUnsafeBytes { try Zstd.decompress($0, expectedSize: bytes.count) }
      }
    }
  }

  @Test func foreignBytesAreRefused() {
    #expect(throws: ZstdError.self) {
      try [1, 2, 3, 4, 5].withUnsafeBytes { try Zstd.decompress($0, expectedSize: 5) }
    }
  }
}
