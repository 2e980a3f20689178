import Foundation
import LoamSchema
import Testing

@testable import LoamPack

struct PackDamageTests {
  private func code(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch { return (error as? PackError)?.code }
  }

  @Test func `a flipped bit anywhere is found by the blocks' checksums or at opening`() throws {
    let written = try WrittenPack(rows: 200)
    let whole = try Data(contentsOf: URL(fileURLWithPath: written.file))
    for place in stride(from: 0, to: whole.count - 4, by: 97) {
      var bytes = [UInt8](whole)
      bytes[place] ^= 1 << UInt8(place % 8)
      try written.write(bytes, to: FrozenPack.fileName)
      let found = code { try FrozenPack(at: written.directory).verify() }
      #expect(
        ["pack.damaged", "pack.not-a-pack", "pack.newer-format"].contains(found), "byte \(place): \(found ?? "")")
      #expect(code { _ = try FrozenPack(at: written.directory, checksDigest: true) } != nil, "byte \(place)")
    }
  }

  @Test func `a short, a long, an empty and an absent file are refused`() throws {
    let written = try WrittenPack(rows: 50)
    let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: written.file)))
    for (bytes, expected) in [
      (Array(whole.dropLast()), "pack.damaged"), (whole + [0], "pack.damaged"), ([], "pack.not-a-pack"),
      (Array("SQLite format 3".utf8) + whole, "pack.not-a-pack"),
    ] {
      try written.write(bytes, to: FrozenPack.fileName)
      #expect(code { _ = try FrozenPack(at: written.directory) } == expected)
    }
    try FileManager.default.removeItem(atPath: written.file)
    #expect(code { _ = try FrozenPack(at: written.directory) } == "pack.not-a-pack")
    #expect(code { _ = try FrozenPack(at: written.scratch.path("absent")) } == "pack.not-a-pack")
  }

  @Test func `another file than the manifest's is refused, and a manifest of a later format`() throws {
    let (written, other) = (try WrittenPack(rows: 50), try WrittenPack(rows: 51))
    try written.write([UInt8](try Data(contentsOf: URL(fileURLWithPath: other.file))), to: FrozenPack.fileName)
    #expect(code { _ = try FrozenPack(at: written.directory, checksDigest: true) } == "pack.damaged")
    var manifest = try FrozenPack(at: other.directory).manifest
    manifest.formatVersion = 2
    try other.write(manifest.encoded(), to: PackManifest.fileName)
    #expect(code { _ = try FrozenPack(at: other.directory) } == "pack.newer-format")
    try other.write(Array("{}".utf8), to: PackManifest.fileName)
    #expect(code { _ = try FrozenPack(at: other.directory) } == "pack.not-a-pack")
    #expect(!PackManifest.isPack(at: other.directory))
  }
}
