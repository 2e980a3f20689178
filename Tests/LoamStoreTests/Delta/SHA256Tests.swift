import Testing

@testable import LoamStore

@Suite struct SHA256Tests {
  /// FIPS 180-4's examples (CAVP), and lengths about the padding's edges cut into pieces.
  @Test func digestsAreThoseOfTheStandard() {
    #expect(SHA256.text(of: []) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(SHA256.text(of: [UInt8]("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    let two = [UInt8]("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8)
    #expect(SHA256.text(of: two) == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    let million = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
    #expect(SHA256.text(of: million) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test(arguments: [0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 1_000])
  func piecesGiveTheDigestOfTheWhole(count: Int) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    var digest = SHA256()
    var at = 0
    var step = 1
    while at < count {
      let end = min(count, at + step)
      bytes[at..<end].withUnsafeBytes { digest.update($0) }
      (at, step) = (end, step * 3 % 97 + 1)
    }
    #expect(digest.finish() == SHA256.text(of: bytes))
  }
}
