import Testing

@testable import LoamExport

struct SafetensorsWriterTests {
  /// Name, type, shape and content, in an order that the writer has to change.
  static let golden: [(SafetensorsTensor, [UInt8])] = [
    (.init("rows", .f32, shape: [2, 2]), bytes([Float](arrayLiteral: 1.5, -0.0, 3.25, 0x1p-140))),
    (.init("ids", .u64, shape: [2]), bytes([UInt64](arrayLiteral: 7, .max))),
    (.init("weight", .f32, shape: [2]), bytes([Float](arrayLiteral: 0.5, -2))),
    (.init("dictionary.offsets", .i64, shape: [3]), bytes([Int64](arrayLiteral: 0, 2, 2))),
    (.init("dictionary.bytes", .u8, shape: [2]), Array("é".utf8)),
    (.init("half \"\\\t\u{1}é", .f16, shape: [3]), unhex("003c00400042")),
    (.init("empty", .f32, shape: [0, 4]), []),
    (.init("scalar", .f64, shape: []), bytes([2.5])),
  ]

  static func bytes<Element: BitwiseCopyable>(_ values: [Element]) -> [UInt8] { values.withUnsafeBytes(Array.init) }

  static func writeGolden(to path: String, pieceBytes: Int = .max) throws -> FileDigest {
    var writer = try SafetensorsWriter(at: path, tensors: golden.map(\.0), metadata: ["é\n": "x/\u{7f}\u{2}"])
    for tensor in writer.tensors {
      var rest = golden.first { $0.0.name == tensor.name }!.1[...]
      while !rest.isEmpty {
        try writer.append(Array(rest.prefix(pieceBytes)).span.bytes, to: tensor.name)
        rest = rest.dropFirst(pieceBytes)
      }
    }
    return try writer.finish()
  }

  @Test(arguments: [1, 3, Int.max])
  func `the file has the reference writer's bytes, whatever the pieces`(pieceBytes: Int) throws {
    let scratch = Scratch()
    _ = try Self.writeGolden(to: scratch.path("a"), pieceBytes: pieceBytes)
    #expect(scratch.bytes(of: "a") == goldenSafetensors)
  }

  @Test func `the digest is the SHA-256 of the file`() throws {
    let scratch = Scratch()
    let digest = try Self.writeGolden(to: scratch.path("a"))
    #expect(digest.bytes == goldenSafetensors.count)
    #expect(try InputFile(scratch.path("a")).digest() == digest)
    let abc = scratch.write(Array("abc".utf8), to: "abc")
    // FIPS 180-2, appendix B.1
    #expect(
      try InputFile(abc).digest().sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  @Test func `a file that is there is not replaced`() throws {
    let scratch = Scratch()
    scratch.write([1, 2, 3], to: "a")
    let error = #expect(throws: ExportError.self) { _ = try Self.writeGolden(to: scratch.path("a")) }
    #expect(error?.code == "export.exists")
    #expect(scratch.bytes(of: "a") == [1, 2, 3])
  }

  @Test func `a file without tensors has the reference writer's bytes`() throws {
    let scratch = Scratch()
    let writer = try SafetensorsWriter(at: scratch.path("a"), tensors: [])
    _ = try writer.finish()
    #expect(scratch.bytes(of: "a") == [8, 0, 0, 0, 0, 0, 0, 0] + Array("{}      ".utf8))
  }

  @Test func `content larger than the write buffer arrives whole`() throws {
    let scratch = Scratch()
    let values = (0..<700_000).map { UInt64($0) &* 0x9E37_79B9_7F4A_7C15 }
    var writer = try SafetensorsWriter(at: scratch.path("a"), tensors: [.init("v", .u64, shape: [700_000])])
    for start in stride(from: 0, to: values.count, by: 200_000) {
      try writer.append(Self.bytes(Array(values[start..<min(start + 200_000, values.count)])).span.bytes, to: "v")
    }
    let digest = try writer.finish()
    let reader = try SafetensorsReader(at: scratch.path("a"))
    var read: [UInt64] = []
    try reader.forEachPiece(of: try #require(reader.tensor("v"))) { _, bytes in
      read += bytes.bindMemory(to: UInt64.self)
    }
    #expect(read == values)
    #expect(try InputFile(scratch.path("a")).digest() == digest)
  }
}
