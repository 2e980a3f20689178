import LoamIngest
import LoamSchema
import Testing

@Suite struct JSONLinesTests {
  static let schema = Schema(
    name: "small", format: RecordFormat(kind: .jsonl), labels: [LabelField(name: "y")],
    dense: [DenseField(name: "x")],
    ids: [
      IDField(name: "s"), IDField(name: "n", kind: .integer),
      IDField(name: "m", kind: .integer, shape: .multi, weightSeparator: ":"),
      IDField(name: "q", shape: .sequence, maximumLength: 2),
    ])

  @Test func keysAreColumnsAndArraysAreValues() throws {
    let group = try rows(
      of: """
        {"y": true, "x": -1.5e1, "s": "a", "n": 7, "m": [1, "2", [3, 0.5]], "q": ["a", null, "b", "c"], "z": {"a": [1]}}

        { "q" : "u|v" , "m":[] , "n":"8", "s":12, "x":null, "y":0 }
        """, Self.schema)
    #expect(group.reals("label/y") == [1, 0])
    #expect(group.reals("dense/x")![0] == -15)
    #expect(group.reals("dense/x")![1].isNaN)
    #expect(group.ids("id/s") == [[hash("a")], [hash("12")]])
    #expect(group.ids("id/n") == [[7], [8]])
    #expect(group.ids("id/m") == [[1, 2, 3], []])
    #expect(group.coded("id/m")!.weights == [1, 1, 0.5])
    #expect(group.ids("id/q") == [[hash("b"), hash("c")], [hash("u"), hash("v")]])
  }

  @Test func escapesAreReplaced() throws {
    let text = #"{"y":1,"s":"\"\\\/\b\f\n\r\tA\u00e9\ud83d\ude00é"}"# + "\n" + #"{"y":0,"\u0073":"b"}"#
    #expect(try rows(of: text, Self.schema).ids("id/s") == [[hash("\"\\/\u{8}\u{c}\n\r\tAé😀é")], [hash("b")]])
  }

  @Test func anySizeOfChunksGivesTheSameRows() throws {
    let text = (0..<8).map { #"{"y":1,"x":\#($0),"s":"a\u0041\#($0)","m":[\#($0),[2,3.5]]}"# + "\n" }.joined()
    let whole = try rows(of: text, Self.schema)
    for chunk in 1...text.utf8.count { #expect(try rows(of: text, Self.schema, chunk: chunk) == whole) }
  }

  @Test(arguments: [
    ("[1]", "rows:1:1: expected a JSON object, found \"[1]\""),
    (#"{"y":1"#, "rows:1:7: expected a comma or the end of the object"),
    (#"{"y":1} x"#, "rows:1:9: expected the end of the line after the object, found \"x\""),
    (#"{"y":01}"#, "rows:1:6: expected a JSON value, found \"01}\""),
    (#"{"y":tru}"#, "rows:1:6: expected a JSON value, found \"tru}\""),
    (#"{"y":NaN}"#, "rows:1:6: expected a JSON value, found \"NaN}\""),
    (#"{"x":1.}"#, "rows:1:8: expected a digit after the point, found \"}\""),
    (#"{"x":1e}"#, "rows:1:8: expected a digit of the exponent, found \"}\""),
    (#"{"s":"a}"#, "rows:1:6: the string that opens here is never closed, found \"\"a}\""),
    (#"{"s":"\x"}"#, "rows:1:7: no JSON escape, found \"\\x\"}\""),
    (#"{"s":"\ud800"}"#, "rows:1:13: half of a surrogate pair, found \"\"}\""),
    (#"{"y":1,"y":2}"#, "rows:1:9: the key occurs twice, found \"y\""),
    (#"{"y":1,}"#, "rows:1:8: expected a key in quotes, found \"}\""),
    (#"{"x":[1]}"#, "rows:1:6: column \"x\": expected a number, found \"[1]\""),
    (#"{"n":1.0}"#, "rows:1:6: column \"n\": expected an integer ID, 0 ... 18446744073709551613, found \"1.0\""),
    (#"{"n":[1,2]}"#, "rows:1:6: column \"n\": 2 values, expected one, found \"[1,2]\""),
    (
      #"{"m":[[1,[2]]]}"#,
      "rows:1:6: column \"m\": expected a value or a flat array, found an object or nested array, found \"[[1,[2]]]\""
    ),
    (#"{"m":[[1,"a"]]}"#, "rows:1:11: column \"m\": expected a number as the weight of a value, found \"a\""),
    (
      #"{"s":{"a":1}}"#,
      "rows:1:6: column \"s\": expected a value or a flat array, found an object or nested array, found \"{\"a\":1}\""
    ),
  ])
  func aMalformedRowIsRefusedWithItsPlace(line: String, message: String) {
    let error = refusal(of: line, Self.schema)
    #expect(error?.code == "ingest.bad-rows")
    #expect(error?.message == message)
  }

  @Test func nestingIsBounded() throws {
    func nested(_ depth: Int) -> String {
      #"{"z":"# + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
    }
    #expect(try rows(of: nested(IngestLimits.jsonDepth - 1), Self.schema).rowCount == 1)
    #expect(refusal(of: nested(IngestLimits.jsonDepth), Self.schema)?.message.contains("nest deeper than 32") == true)
    #expect(refusal(of: nested(100_000), Self.schema)?.message.contains("nest deeper than 32") == true)
  }

  @Test func aKeyThatIsAlmostAColumnIsASlip() {
    let schema = Schema(
      name: "s", format: RecordFormat(kind: .jsonl), ids: [IDField(name: "advertiser")])
    let error = refusal(of: #"{"advertizer": "a"}"#, schema)
    #expect(error?.code == "ingest.unknown-column")
    #expect(error?.hint?.hasPrefix("Did you mean \"advertizer\"?") == true)
  }
}
