import LoamIngest
import LoamSchema
import Testing

@Suite struct DelimitedTests {
  @Test func columnsAreFoundByNameWhateverTheirOrder() throws {
    let group = try rows(of: "other,n,x,s,y\n-,7,1.5,a,1\n-,8,-2e3,b,0\n", smallSchema())
    #expect(group.rowCount == 2)
    #expect(group.reals("label/y") == [1, 0])
    #expect(group.reals("dense/x") == [1.5, -2000])
    #expect(group.ids("id/s") == [[hash("a")], [hash("b")]])
    #expect(group.ids("id/n") == [[7], [8]])
  }

  @Test func quotesKeepDelimitersLineEndsAndDoubledQuotes() throws {
    let group = try rows(of: "y,x,s,n\r\n1,\"2\",\"a,\"\"b\"\"\r\nc\",3\r\n0,1,\"\",4", smallSchema())
    #expect(group.ids("id/s") == [[hash("a,\"b\"\r\nc")], []])
    #expect(group.reals("dense/x") == [2, 1])
    #expect(group.ids("id/n") == [[3], [4]])
  }

  @Test func aByteOrderMarkAndBlankLinesAreNoContent() throws {
    #expect(try rows(of: "\u{feff}y,x,s,n\n\n1,2,a,3\n\r\n\n", smallSchema()).rowCount == 1)
  }

  @Test func tsvHasNoQuotes() throws {
    let group = try rows(of: "y\tx\ts\tn\n1\t2\t\"a\t3\r\n", smallSchema(.tsv))
    #expect(group.ids("id/s") == [[hash("\"a")]])
    #expect(group.ids("id/n") == [[3]])
  }

  @Test func missingMarkersAndEmptyTextsAreMissing() throws {
    let group = try rows(of: "y,x,s,n\n, ? ,?, \n", smallSchema(missing: ["?"], trim: true))
    #expect(group.reals("label/y")![0].isNaN)
    #expect(group.reals("dense/x")![0].isNaN)
    #expect(group.ids("id/s") == [[]])
    #expect(group.ids("id/n") == [[]])
    #expect(group.coded("id/n")!.codes == [.max])
  }

  @Test func blanksAroundFieldsAreCutOffOnlyWhenDeclared() throws {
    #expect(try rows(of: "y,x,s,n\n1, 2, \"a b\" , 3\n", smallSchema(trim: true)).ids("id/s") == [[hash("a b")]])
    #expect(try rows(of: "y,x,s,n\n1,2, a,3\n", smallSchema()).ids("id/s") == [[hash(" a")]])
  }

  @Test func aFileWithoutHeaderHasTheDeclaredColumns() throws {
    var schema = smallSchema()
    schema.format = RecordFormat(kind: .csv, delimiter: ";", header: false, columns: ["s", "y", "n", "x"])
    #expect(try rows(of: "a;1;2;3\n", schema).ids("id/n") == [[2]])
  }

  @Test func anySizeOfChunksGivesTheSameRows() throws {
    let text = "y,x,s,n\r\n" + (0..<9).map { "1,\($0).5,\"a\"\"\n,\($0)\",\($0)\r\n0,,ü\($0),\n" }.joined()
    let whole = try rows(of: text, smallSchema())
    #expect(whole.rowCount == 18)
    for chunk in 1...text.utf8.count {
      let cut = try rows(of: text, smallSchema(), chunk: chunk)
      // Not ==: missing numbers are NaN.
      #expect(cut.columns["id/s"] == whole.columns["id/s"] && cut.columns["id/n"] == whole.columns["id/n"])
      #expect(cut.reals("dense/x")!.description == whole.reals("dense/x")!.description)
    }
  }

  @Test(arguments: [
    ("1,2,a\n", "rows:2:6: expected 4 columns, found 3"),
    ("1,2,a,3,5\n", "rows:2:9: expected 4 columns, found 5, found \"5\""),
    ("1,2,a\"b,3\n", "rows:2:5: a quote inside a field that does not begin with one, found \"a\"b\""),
    ("1,2,\"a\"b,3\n", "rows:2:8: expected a delimiter after the closing quote, found \"b,3\""),
    ("1,2,\"a,3\n\n\n", "rows:2:5: the quote that opens here is never closed, found \"\"a,3\\n\\n\""),
    ("1,2,\"a\nb\",x\n", "rows:3:4: column \"n\": expected an integer ID, 0 ... 18446744073709551613, found \"x\""),
    ("1,2,a,3\n1,2,b,-3\n", "rows:3:7: column \"n\": expected an integer ID, 0 ... 18446744073709551613, found \"-3\""),
    ("2,2,a,3\n", "rows:2:1: column \"y\": expected 0 or 1, found \"2\""),
    ("1,nan,a,3\n", "rows:2:3: column \"x\": expected a number, found \"nan\""),
    ("1,inf,a,3\n", "rows:2:3: column \"x\": expected a number, found \"inf\""),
    ("1,1e39,a,3\n", "rows:2:3: column \"x\": a number too large for 32 bits, found \"1e39\""),
    ("1,0x10,a,3\n", "rows:2:3: column \"x\": expected a number, found \"0x10\""),
    ("1,1 ,a,3\n", "rows:2:3: column \"x\": expected a number, found \"1 \""),
    ("1,2,a\0b,3\n", "rows:2:5: column \"s\": a NUL byte in a string ID, found \"a\\0b\""),
  ])
  func aMalformedRowIsRefusedWithItsPlace(body: String, message: String) {
    let error = refusal(of: "y,x,s,n\n" + body, smallSchema())
    #expect(error?.code == "ingest.bad-rows")
    #expect(error?.category == .refused)
    #expect(error?.message == message)
  }

  @Test func invalidUTF8AndTooLongStringsAreRefused() {
    let head = Array("y,x,s,n\n1,2,".utf8)
    #expect(refusal(of: head + [0xc3, 0x28] + Array(",3\n".utf8), smallSchema())!.message.contains("not valid UTF-8"))
    let long = refusal(of: head + Array(repeating: 0x61, count: 257) + Array(",3\n".utf8), smallSchema())!.message
    #expect(long.contains("a string ID of 257 bytes, at most 256, found \"\(String(repeating: "a", count: 40))...\""))
    #expect(refusal(of: head + Array(repeating: 0x61, count: 256) + Array(",3\n".utf8), smallSchema()) == nil)
  }

  @Test func aColumnThatTheFileLacksIsRefusedWithTheNearestOne() {
    let error = refusal(of: "y,x,N,s2\n", smallSchema())
    #expect(error?.code == "ingest.unknown-column")
    #expect(error?.message == "rows:1:1: the schema's column \"s\" is not among the file's columns")
    #expect(refusal(of: "label,x,s,n\n", smallSchema())?.message.contains("\"y\"") == true)
    #expect(refusal(of: "y,x,s,n,x\n", smallSchema())?.code == "ingest.duplicate-column")
    #expect(refusal(of: "", smallSchema())?.code == "ingest.missing-header")
  }

  @Test func labelsMayBeAbsentWhereTheyAreOptional() throws {
    let group = try rows(of: "x,s,n\n2,a,3\n", smallSchema(), labelsOptional: true)
    #expect(group.reals("label/y")![0].isNaN)
  }

  @Test func aRecordWithoutEndIsRefused() {
    let text = "y,x,s,n\n1,2,\"" + String(repeating: "a", count: IngestLimits.recordBytes + 1)
    let error = refusal(of: text, smallSchema())
    #expect(error?.code == "ingest.record-too-long")
    #expect(error?.message.hasPrefix("rows:2:1:") == true)
  }
}
