import Foundation
import Testing

@testable import LoamExport

struct SafetensorsAttackTests {
  @Test(arguments: Hostile.all)
  func `a hostile file is refused with its path and the reason`(_ hostile: Hostile) throws {
    let scratch = Scratch()
    let path = scratch.write(hostile.bytes, to: "hostile.safetensors")
    let error = try #require(throws: ExportError.self) { _ = try SafetensorsReader(at: path) }
    #expect(error.code == "export.malformed")
    #expect(error.category == .refused)
    #expect(error.message.contains(hostile.says), "\(error.message)")
    #expect(error.message.hasPrefix(path), "\(error.message)")
  }

  @Test func `a message never carries a control character from the file`() throws {
    let scratch = Scratch()
    let path = scratch.write(Hostile.file("{\"\\u001b[2J\\u001b\":{\"dtype\":\"\\u0007\"}}"), to: "a")
    let error = try #require(throws: ExportError.self) { _ = try SafetensorsReader(at: path) }
    #expect(error.message.unicodeScalars.allSatisfy { $0.value >= 0x20 })
  }

  @Test func `every single changed byte of a header is refused or still describes the whole file`() throws {
    let scratch = Scratch()
    let headerEnd = 8 + 0x228
    for index in 0..<headerEnd {
      for change: UInt8 in [0x01, 0x20, 0x80] {
        var bytes = goldenSafetensors
        bytes[index] ^= change
        scratch.write(bytes, to: "a")
        guard let reader = try? SafetensorsReader(at: scratch.path("a")) else { continue }
        #expect(reader.header.contentBytes == goldenSafetensors.count - headerEnd)
        #expect(reader.header.tensors.allSatisfy { $0.byteCount == $0.range.count })
      }
    }
  }

  @Test func `a link, a directory and a pipe are refused`() throws {
    let scratch = Scratch()
    scratch.write(goldenSafetensors, to: "a")
    symlink(scratch.path("a"), scratch.path("link"))
    mkfifo(scratch.path("pipe"), 0o600)
    for name in ["link", "pipe", "."] {
      let error = #expect(throws: ExportError.self) { _ = try SafetensorsReader(at: scratch.path(name)) }
      #expect(error?.code == "export.malformed")
    }
    let error = #expect(throws: ExportError.self) { _ = try SafetensorsReader(at: scratch.path("absent")) }
    #expect(error?.code == "export.missing")
  }
}
