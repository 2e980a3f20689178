import Testing

/// Malformed rows: file, line, column, what was expected and found; nothing of the batch is stored.
@Suite struct BadInputRowTests {
  static let good = "1700000000,1,2.5,7,a\n"

  /// A file of one good row and this one, into a new log.
  static func row(_ name: String, _ row: String, says: String...) -> BadInputCase {
    lines(name, BadInputPlace.header + good + row, [], says)
  }

  static func lines(_ name: String, _ text: String, _ options: [String], _ says: [String]) -> BadInputCase {
    var wrong = BadInputCase(
      name, files: ["bad.csv": [UInt8](text.utf8)], ["ingest", "$/s.loam", "$/bad.csv", "--log", "more"] + options,
      "ingest.bad-rows")
    wrong.says = says + ["Nothing was stored; correct the file"]
    return wrong
  }

  static func json(_ name: String, _ line: String, says: String...) -> BadInputCase {
    let good = #"{"time":1700000000,"click":1,"price":1,"user":7,"item":"a"}"#
    return lines(name, good + "\n" + line + "\n", ["--format", "jsonl"], says)
  }

  @Test(arguments: [
    row(
      "a number that is none", "1,1,two,7,b\n",
      says: "$/bad.csv:3:5: column \"price\": expected a number, found \"two\""),
    row("NaN", "1,1,NaN,7,b\n", says: "$/bad.csv:3:5: column \"price\"", "found \"NaN\"", "under `missing`"),
    row("an infinity", "1,1,-inf,7,b\n", says: "$/bad.csv:3:5: column \"price\"", "found \"-inf\""),
    row("a number above 32 bits", "1,1,1e39,7,b\n", says: "$/bad.csv:3:5:", "too large for 32 bits"),
    row("a negative integer ID", "1,1,1,-7,b\n", says: "$/bad.csv:3:7: column \"user\"", "kind: string"),
    row(
      "a reserved ID", "1,1,1,18446744073709551615,b\n", says: "$/bad.csv:3:7: column \"user\"",
      "0 ... 18446744073709551613"),
    row("an ID above 64 bits", "1,1,1,18446744073709551616,b\n", says: "$/bad.csv:3:7: column \"user\""),
    row(
      "a string ID of 257 bytes", "1,1,1,7,\(String(repeating: "x", count: 257))\n",
      says: "$/bad.csv:3:9: column \"item\": a string ID of 257 bytes, at most 256"),
    row("NUL in an ID", "1,1,1,7,a\0b\n", says: "$/bad.csv:3:9: column \"item\": a NUL byte"),
    row("a column too few", "1,1,1,7\n", says: "$/bad.csv:3:8: expected 5 columns, found 4", "The delimiter is `,`"),
    row("a column too many", "1,1,1,7,a,b\n", says: "$/bad.csv:3:11: expected 5 columns, found 6", "needs quotes"),
    row(
      "a label outside {0, 1}", "1,2,1,7,a\n", says: "$/bad.csv:3:3: column \"click\": expected 0 or 1", "`threshold`"),
    row("a time that is none", "today,1,1,7,a\n", says: "$/bad.csv:3:1: column \"time\": expected a time in seconds"),
    row("no time", ",1,1,7,a\n", says: "$/bad.csv:3:1: column \"time\": every row needs an event time"),
    row(
      "a quote that is never closed", "1,1,1,7,\"a\n", says: "$/bad.csv:3:9: the quote that opens here is never closed"),
    row("a quote inside a field", "1,1,1,7,a\"b\n", says: "$/bad.csv:3:9: a quote inside a field", "double the quotes"),
    row("text behind the closing quote", "1,1,1,7,\"a\"b\n", says: "$/bad.csv:3:12: expected a delimiter"),
    row(
      "a fault behind a line end in quotes", "1,1,1,7,\"a\nb\"\n1,x,1,7,c\n", says: "$/bad.csv:5:3: column \"click\""),
    json("broken JSON", #"{"time":1,"click":1,"#, says: "$/bad.csv:2:21: expected a key"),
    json("JSON that is no object", "[1,2]", says: "$/bad.csv:2:1: expected a JSON object"),
    json(
      "a JSON value of a wrong type", #"{"time":1,"click":1,"price":{"a":1},"user":7,"item":"a"}"#,
      says: "$/bad.csv:2:29: column \"price\": expected a number"),
    json(
      "a JSON number that is no ID", #"{"time":1,"click":1,"price":1,"user":7.5,"item":"a"}"#, says: "column \"user\""),
    json("a JSON key twice", #"{"time":1,"time":2}"#, says: "$/bad.csv:2:12: the key occurs twice"),
    json(
      "JSON too deep",
      #"{"time":1,"item":"# + String(repeating: "[", count: 33) + String(repeating: "]", count: 33) + "}",
      says: "nest deeper than 32"),
  ])
  func `a malformed row is refused at its place:`(wrong: BadInputCase) throws { try wrong.check() }

  @Test func aStringIDThatIsNotUTF8IsRefusedAtItsPlace() throws {
    var wrong = Self.row(
      "invalid UTF-8", "", says: "$/bad.csv:3:9: column \"item\": a string ID that is not valid UTF-8")
    wrong.files["bad.csv"]! += [UInt8]("1,1,1,7,a".utf8) + [0xff, 0x0a]
    try wrong.check()
  }

  @Test(arguments: [
    ("libsvm", "1 3:1 4:2\n0 3:1 4\n", "$/bad.txt:2:7: expected index:value, found \"4\""),
    ("libsvm", "1 3:1 4:2\n0 3:1 4:x\n", "$/bad.txt:2:9: column \"features\": expected a number"),
    ("libffm", "1 0:3:1\n0 0:3:1 0:4\n", "$/bad.txt:2:9: expected field:index:value, found \"0:4\""),
    ("libffm", "1 0:3:1\n0 x:3:1\n", "$/bad.txt:2:3: expected field:index:value, found \"x:3:1\""),
  ])
  func aMalformedTokenIsRefusedAtItsPlace(format: String, text: String, says: String) throws {
    let place = try BadInputPlace()
    let column = format == "libsvm" ? "features" : "f0"
    try place.folder.write(
      "schema: 1\nname: x\nformat: \(format)\nlabels: [label]\n"
        + "ids: [{name: \(column), kind: integer, shape: multi, weight_separator: ':'}]\n", to: "sparse.yaml")
    try place.folder.write(text, to: "bad.txt")
    try place.prepare("init", "$/sparse.loam", "--schema", "$/sparse.yaml")
    let before = try place.state(of: place.folder("sparse.loam"))
    let outcome = try place.run(["ingest", "$/sparse.loam", "$/bad.txt"])
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains(place.filled(says)), "\(outcome.errors)")
    #expect(try place.state(of: place.folder("sparse.loam")) == before)
  }

  @Test func asManyBadRowsAsAllowedPassAndOneMoreRefuses() throws {
    let place = try BadInputPlace()
    try place.folder.write(BadInputPlace.header + "x,1,1,7,a\n" + Self.good + "1,1,1,7\n", to: "bad.csv")
    let before = try place.state()
    let ingest = ["ingest", "$/s.loam", "$/bad.csv", "--log", "more", "--max-bad-rows"]
    let refused = try place.run(ingest + ["1"])
    #expect(refused.status == 2)
    #expect(refused.errors.contains("2 malformed rows, at most 1 are allowed"), "\(refused.errors)")
    #expect(try place.state() == before)
    let taken = try place.run(ingest + ["2"])
    #expect(taken.status == 0, "\(taken.errors)")
    #expect((taken.output + taken.errors).contains(place.filled("$/bad.csv:2:1: column \"time\"")), "\(taken)")
    let after = try place.state()
    #expect(after.version == before.version + 1 && after.problems == [])
  }
}
