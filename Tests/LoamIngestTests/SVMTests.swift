import LoamIngest
import LoamSchema
import Testing

@Suite struct SVMTests {
  static let libsvm = Schema(
    name: "svm", format: RecordFormat(kind: .libsvm), labels: [LabelField(name: "label")],
    ids: [
      IDField(name: "features", kind: .integer, shape: .multi, separator: " ", weightSeparator: ":")
    ])
  static let libffm = Schema(
    name: "ffm", format: RecordFormat(kind: .libffm), labels: [LabelField(name: "label")],
    ids: [
      IDField(name: "user", column: "f0", kind: .integer),
      IDField(name: "tags", column: "f2", kind: .integer, shape: .multi, separator: " ", weightSeparator: ":"),
    ])

  @Test func libsvmPairsAreIDsWithWeights() throws {
    let group = try rows(of: "+1 3:1 10:0.25\t7:-2 # note\n\n-1\n", Self.libsvm)
    #expect(group.reals("label/label") == [1, 0])
    #expect(group.ids("id/features") == [[3, 10, 7], []])
    #expect(group.coded("id/features")!.weights == [1, 0.25, -2])
  }

  @Test func libffmFieldsAreColumns() throws {
    let group = try rows(of: "1 0:5:1 2:8:0.5 1:6:1 2:9:1\n0 2:8:1\n", Self.libffm)
    #expect(group.ids("id/user") == [[5], []])
    #expect(group.ids("id/tags") == [[8, 9], [8]])
    #expect(group.coded("id/tags")!.weights == [0.5, 1, 1])
  }

  @Test(arguments: [
    ("2 1:1", "rows:1:1: column \"label\": expected 0 or 1, found \"2\""),
    ("1 1", "rows:1:3: expected index:value, found \"1\""),
    ("1 a:1", "rows:1:3: column \"features\": expected an integer ID, 0 ... 18446744073709551613, found \"a\""),
    ("1 1:b", "rows:1:5: column \"features\": expected a number as the weight of a value, found \"b\""),
  ])
  func aMalformedLineIsRefusedWithItsPlace(line: String, message: String) {
    #expect(refusal(of: line, Self.libsvm)?.message == message)
  }

  @Test func aFieldOfOneValueWithoutWeightsRefusesBoth() {
    #expect(refusal(of: "1 0:5:1 0:6:1", Self.libffm)?.message.contains("2 values, expected one") == true)
    #expect(refusal(of: "1 0:5:2", Self.libffm)?.message.contains("a weight, but the field has none") == true)
  }

  @Test func aColumnThatTheFormatLacksIsRefused() {
    var schema = Self.libsvm
    schema.dense = [DenseField(name: "x")]
    #expect(refusal(of: "1 1:1", schema)?.code == "ingest.unknown-column")
  }
}
