import Foundation
import Testing

@testable import LoamPack

/// Keys as openssl writes them: `genpkey -algorithm ed25519`, `pkey -pubout`.
struct PackSignatureTests {
  // The first test vector of RFC 8032, 7.1: what signs the empty message.
  private static let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
  private static let publicBytes = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
  private static let signature =
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24"
    + "655141438e7a100b"

  private static func bytes(_ hexadecimal: String) -> [UInt8] {
    let digits = Array(hexadecimal)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0...$0 + 1]), radix: 16)! }
  }

  private static func pem(_ label: String, _ prefix: String, _ key: [UInt8]) -> String {
    let body = Data(bytes(prefix) + key).base64EncodedString()
    return "-----BEGIN \(label)-----\n\(body)\n-----END \(label)-----\n"
  }

  private let privateKey = pem("PRIVATE KEY", "302e020100300506032b657004220420", bytes(seed))
  private let publicKey = pem("PUBLIC KEY", "302a300506032b6570032100", bytes(publicBytes))

  @Test func `the signature is RFC 8032's`() throws {
    #expect(try PackSigningKey(pem: privateKey).signature(of: []) == Self.bytes(Self.signature))
  }

  private func code(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch { return (error as? PackError)?.code }
  }

  @Test func `a signed pack opens with its key, and not after a change of manifest, file or signature`() throws {
    let written = try WrittenPack(rows: 20)
    let key = try PackPublicKey(pem: publicKey)
    #expect(code { _ = try FrozenPack(at: written.directory, signedBy: key) } == "pack.unsigned")
    let manifest = try FrozenPack(at: written.directory).manifest.encoded()
    let signature = try PackSigningKey(pem: privateKey).signature(of: manifest)
    try written.write(signature, to: PackPublicKey.signatureFileName)
    _ = try FrozenPack(at: written.directory, signedBy: key)

    var wrong = signature
    wrong[10] ^= 1
    for bytes in [wrong, Array(signature.dropLast()), signature + [0], []] {
      try written.write(bytes, to: PackPublicKey.signatureFileName)
      #expect(code { _ = try FrozenPack(at: written.directory, signedBy: key) } == "pack.bad-signature")
    }
    try written.write(signature, to: PackPublicKey.signatureFileName)
    try written.write(manifest + [0x20], to: PackManifest.fileName)
    #expect(code { _ = try FrozenPack(at: written.directory, signedBy: key) } == "pack.bad-signature")
    try written.write(manifest, to: PackManifest.fileName)
    var file = [UInt8](try Data(contentsOf: URL(fileURLWithPath: written.file)))
    file[file.count / 2] ^= 1
    try written.write(file, to: FrozenPack.fileName)
    #expect(code { _ = try FrozenPack(at: written.directory, signedBy: key) } == "pack.damaged")
  }

  @Test func `what is no Ed25519 key is refused`() {
    for text in [
      "", "hello", publicKey, privateKey.replacing("MC4", with: "MC5"), privateKey.replacing("END", with: ""),
    ] {
      #expect(code { _ = try PackSigningKey(pem: text) } == "pack.bad-key")
    }
    #expect(code { _ = try PackPublicKey(pem: privateKey) } == "pack.bad-key")
  }
}
