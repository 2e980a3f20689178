import Crypto
import Foundation

/// An Ed25519 key that signs packs, as `openssl genpkey -algorithm ed25519` writes it (PKCS #8, PEM).
public struct PackSigningKey: Sendable {
  private let key: Curve25519.Signing.PrivateKey
  /// What PKCS #8 has before the 32 bytes (RFC 8410, 10.3).
  private static let prefix: [UInt8] = [
    0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
  ]

  /// - Throws: `pack.bad-key`.
  public init(pem: String) throws(PackError) {
    let bytes = try PEM.bytes(pem, "PRIVATE KEY", after: Self.prefix)
    guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes) else { throw PEM.refused("private") }
    self.key = key
  }

  /// 64 bytes, for `manifest.sig`.
  public func signature(of manifest: [UInt8]) throws(PackError) -> [UInt8] {
    guard let signature = try? key.signature(for: Data(manifest)) else {
      throw PackError(.badKey, "the key does not sign")
    }
    return Array(signature)
  }
}

/// The key that a pack's signature is compared with, as `openssl pkey -pubout` writes it (PEM).
public struct PackPublicKey: Sendable {
  public static let signatureFileName = "manifest.sig"
  private static let signatureBytes = 64
  private let key: Curve25519.Signing.PublicKey
  /// What a SubjectPublicKeyInfo has before the 32 bytes (RFC 8410, 10.1).
  private static let prefix: [UInt8] = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00]

  /// - Throws: `pack.bad-key`.
  public init(pem: String) throws(PackError) {
    let bytes = try PEM.bytes(pem, "PUBLIC KEY", after: Self.prefix)
    guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes) else { throw PEM.refused("public") }
    self.key = key
  }

  func requireSignature(of manifest: [UInt8], in directory: String) throws(PackError) {
    let path = "\(directory)/\(Self.signatureFileName)"
    let signature: [UInt8]
    do throws(PackError) { signature = try PackFile.content(path, bytesMax: Self.signatureBytes) } catch {
      throw error.has(.notAPack)
        ? PackError(.unsigned, "\(directory) is not signed", hint: "Sign it: loam export --format pack --sign KEY")
        : PackError(.badSignature, "\(path) is no signature: \(error.message)")
    }
    guard signature.count == Self.signatureBytes, key.isValidSignature(Data(signature), for: Data(manifest)) else {
      throw PackError(
        .badSignature, "\(path) is not the signature of this key and this manifest",
        hint: "Do not use the pack before you know why: the key is another, or somebody changed it.")
    }
  }
}

/// The one kind of PEM that Ed25519 keys have: a fixed prefix and 32 bytes.
private enum PEM {
  static func bytes(_ text: String, _ label: String, after prefix: [UInt8]) throws(PackError) -> Data {
    let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmingPrefix(while: \.isWhitespace) }
    guard let first = lines.firstIndex(where: { $0.hasPrefix("-----BEGIN \(label)-----") }),
      let last = lines[first...].firstIndex(where: { $0.hasPrefix("-----END \(label)-----") }),
      let bytes = Data(base64Encoded: lines[(first + 1)..<last].joined()),
      bytes.count == prefix.count + 32, bytes.starts(with: prefix)
    else { throw refused(label.hasPrefix("PRIVATE") ? "private" : "public") }
    return bytes.dropFirst(prefix.count)
  }

  static func refused(_ kind: String) -> PackError {
    let how = kind == "private" ? "openssl genpkey -algorithm ed25519" : "openssl pkey -in PRIVATE.pem -pubout"
    return PackError(.badKey, "this is no Ed25519 \(kind) key in PEM", hint: "Make one: \(how)")
  }
}
