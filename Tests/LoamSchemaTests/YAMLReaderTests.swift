import LoamSchema
import Testing

@Suite struct YAMLReaderTests {
  @Test func `getters give the value, nil for an absent key, and refuse another type`() throws {
    let top = try YAMLMapping(
      yaml: "a: 1\nb: 2.5\nc: true\nd: [1, 2]\ne: {f: no}\ng: '5'\nh: 1_000\ni: .inf\nj:\n", file: "c.yaml")
    #expect(top.keys == ["a", "b", "c", "d", "e", "g", "h", "i", "j"])
    #expect(try top.int("a") == 1)
    #expect(try top.string("a") == "1")
    #expect(try top.double("a") == 1)
    #expect(try top.double("b") == 2.5)
    #expect(try top.bool("c") == true)
    #expect(try top.doubles("d") == [1, 2])
    #expect(try top.mapping("e")?.string("f") == "no")
    #expect(try top.int("absent") == nil)
    for (key, line) in [("b", 2), ("c", 3), ("d", 4), ("g", 6), ("h", 7), ("j", 9)] {
      let error = #expect(throws: SchemaError.self) { try top.int(key) }
      #expect(error?.position.line == line)
      #expect(error?.code == "schema.wrong-type")
    }
    #expect(throws: SchemaError.self) { try top.double("i") }
    #expect(throws: SchemaError.self) { try top.string("j") }
    #expect(throws: SchemaError.self) { try top.int("a", in: 2...3) }
    #expect(throws: SchemaError.self) { try top.double("b", in: 0...1) }
  }

  @Test func `a message names the path and the place`() throws {
    let top = try YAMLMapping(yaml: "layers:\n  - {size: 4}\n  - {size: big}\n", file: "c.yaml")
    let error = #expect(throws: SchemaError.self) { try top.list("layers")?[1].mapping().int("size") }
    #expect(error?.message == "c.yaml:3:12: 'layers[1].size' must be a whole number, found 'big'")
  }

  @Test func `a setting replaces one value and its errors name their origin`() throws {
    let top = try YAMLMapping(yaml: "model: fm\noptimizer: {kind: sgd, rate: 1}\n", file: "c.yaml")
    let new = try top.setting("optimizer.rate", to: "0.1", origin: "--set").setting(
      "a.b", to: "[1, 2]", origin: "--set")
    #expect(try new.mapping("optimizer")?.double("rate") == 0.1)
    #expect(try new.mapping("optimizer")?.string("kind") == "sgd")
    #expect(try new.mapping("a")?.doubles("b") == [1, 2])
    let error = #expect(throws: SchemaError.self) { try new.mapping("a")?.int("b") }
    #expect(error?.message == "--set:1:1: 'a.b' must be a whole number, found a list")
    #expect(throws: SchemaError.self) { try top.setting("model.x", to: "1", origin: "--set") }
    #expect(throws: SchemaError.self) { try top.setting("a..b", to: "1", origin: "--set") }
  }

  @Test func `aliases that multiply, deep nests and huge files are refused`() {
    let bomb =
      "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
      + (1...8).map {
        "b\($0): &b\($0) [\(Array(repeating: $0 == 1 ? "*a" : "*b\($0 - 1)", count: 10).joined(separator: ","))]"
      }
      .joined(separator: "\n")
    for text in [bomb, "a: " + String(repeating: "[", count: 900), String(repeating: "#", count: 2 << 20)] {
      #expect(throws: SchemaError.self) { try YAMLMapping(yaml: text, file: "c.yaml") }
    }
  }

  // A key of aliases that multiply was hashed by the parser for hours: 14 lines were enough.
  @Test func `aliases that multiply in a key are refused`() throws {
    let bomb =
      "l0: &l0 [x,x,x,x,x,x,x,x]\n"
      + (1...13).map { "l\($0): &l\($0) [\(Array(repeating: "*l\($0 - 1)", count: 8).joined(separator: ","))]\n" }
      .joined() + "? *l13\n: 1\n"
    let error = #expect(throws: SchemaError.self) { try YAMLMapping(yaml: bomb, file: "c.yaml") }
    #expect(error?.code == "schema.too-large")
    // A few of them are what people write.
    let top = try YAMLMapping(yaml: "a: &a [x, y]\nb: *a\nc: \"2 * 3\"\n", file: "c.yaml")
    #expect(try top.required("b").strings() == ["x", "y"])
  }

  @Test func `a truncated or damaged file is refused, never a crash`() {
    let bytes = Array(SchemaParseTests.full.utf8)
    for length in bytes.indices {
      _ = try? Schema.parse(yaml: String(decoding: bytes[..<length], as: UTF8.self), file: "c.yaml")
      var damaged = bytes
      damaged[length] = [0, 9, 34, 38, 42, 58, 91, 123, 255][length % 9]
      _ = try? Schema.parse(yaml: String(decoding: damaged, as: UTF8.self), file: "c.yaml")
    }
  }

  @Test(arguments: [
    ("lables", "labels"), ("clik", "click"), ("LABELS", "labels"), ("ormat", "format"), ("x", nil), ("zzzzz", nil),
    ("standardize", "standardise"), ("", nil),
  ])
  func `the nearest name is one that was probably meant`(word: String, expected: String?) {
    let known = ["labels", "click", "format", "standardise", "y"]
    #expect(nearestName(to: word, among: known) == expected)
  }
}
