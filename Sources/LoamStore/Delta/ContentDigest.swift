import Crypto

/// SHA-256 in lower-case hexadecimal, as `sha256sum` prints it.
struct ContentDigest {
  private var hash = SHA256()

  mutating func update(_ content: UnsafeRawBufferPointer) { hash.update(bufferPointer: content) }

  func finish() -> String {
    hash.finalize().map { byte in
      let digits = String(byte, radix: 16)
      return byte < 16 ? "0" + digits : digits
    }.joined()
  }

  static func text(of content: UnsafeRawBufferPointer) -> String {
    var digest = ContentDigest()
    digest.update(content)
    return digest.finish()
  }

  static func text(of content: [UInt8]) -> String { content.withUnsafeBytes { text(of: $0) } }
}
