import Testing

@testable import LoamExport

struct SafetensorsReaderTests {
  @Test func `the reference writer's file reads back tensor for tensor`() throws {
    let scratch = Scratch()
    let reader = try SafetensorsReader(at: scratch.write(goldenSafetensors, to: "a"))
    #expect(reader.header.metadata == ["é\n": "x/\u{7f}\u{2}"])
    for (expected, content) in SafetensorsWriterTests.golden {
      let tensor = try #require(reader.tensor(expected.name))
      #expect((tensor.type, tensor.shape) == (expected.type, expected.shape))
      var bytes = [UInt8](repeating: 0, count: tensor.range.count)
      try bytes.withUnsafeMutableBytes { try reader.read(tensor, into: $0) }
      #expect(bytes == content)
    }
    #expect(reader.tensor("absent") == nil)
  }

  @Test func `one row is read without the rest`() throws {
    let scratch = Scratch()
    let reader = try SafetensorsReader(at: scratch.write(goldenSafetensors, to: "a"))
    var row: [Float] = [0, 0]
    try row.withUnsafeMutableBytes { try reader.read(try #require(reader.tensor("rows")), at: 8, into: $0) }
    #expect(row == [3.25, 0x1p-140])
  }

  @Test func `names are bytes: two spellings of one letter are two tensors`() throws {
    let scratch = Scratch()
    let names = ["\u{E9}", "e\u{301}"]
    var writer = try SafetensorsWriter(at: scratch.path("a"), tensors: names.map { .init($0, .u8, shape: [1]) })
    for tensor in writer.tensors { try writer.append([UInt8(tensor.name.utf8.count)].span.bytes, to: tensor.name) }
    _ = try writer.finish()
    let reader = try SafetensorsReader(at: scratch.path("a"))
    for name in names {
      var byte: [UInt8] = [0]
      try byte.withUnsafeMutableBytes { try reader.read(try #require(reader.tensor(name)), into: $0) }
      #expect(byte == [UInt8(name.utf8.count)])
    }
  }

  @Test func `blanks, escapes, any order of keys and of tensors are read`() throws {
    let scratch = Scratch()
    let header = """
      { "b\\u0041\\ud83d\\ude00" : { "shape" : [ 2 ] , "data_offsets" : [ 1 , 3 ] , "dtype" : "U8" },
        "a":{"dtype":"I8","shape":[1,1],"data_offsets":[0,1]}, "__metadata__":{"x":"\\/"} }\n
      """
    let reader = try SafetensorsReader(at: scratch.write(Hostile.file(header, content: [1, 2, 3]), to: "a"))
    #expect(reader.header.tensors.map(\.name) == ["a", "bA😀"])
    #expect(reader.header.metadata == ["x": "/"])
  }
}
