import LoamIngest
import LoamSchema
import Testing

@Suite struct ValueTests {
  /// The times of one column of texts.
  func times(_ texts: [String], _ unit: TimeColumn.Unit) throws -> [Timestamp] {
    let schema = Schema(
      name: "t", format: RecordFormat(kind: .tsv), eventTime: TimeColumn(column: "t", unit: unit))
    return try rows(of: "t\n" + texts.joined(separator: "\n"), schema).times("time/event")!
  }

  @Test func timesAreMicrosecondsWhateverTheirUnit() throws {
    #expect(
      try times(["881250949", "0", "-1.5", "1.25e3"], .seconds) == [881_250_949_000_000, 0, -1_500_000, 1_250_000_000])
    #expect(try times(["1624843756147", "1.0019"], .milliseconds) == [1_624_843_756_147_000, 1_001])
    #expect(try times(["17"], .microseconds) == [17])
    #expect(
      try times(
        [
          "2019-11-24 00:01:03.979311+00:00", "2014-04-07T10:51:09.277Z", "2016-05-09", "2016-05-09 01:00+0100",
          "1969-12-31T23:59:59-00", "2000-02-29 12:34",
        ], .iso8601)
        == [
          1_574_553_663_979_311, 1_396_867_869_277_000, 1_462_752_000_000_000, 1_462_752_000_000_000, -1_000_000,
          951_827_640_000_000,
        ])
  }

  @Test(arguments: [
    ("1970-13-01", TimeColumn.Unit.iso8601), ("2019-02-29", .iso8601), ("2019-01-01T24:00", .iso8601),
    ("2019-01-01 10:00 ", .iso8601), ("19-01-01", .iso8601), ("2019-01-01T10:00:00.", .iso8601), ("now", .seconds),
    ("9999999999999", .seconds), ("nan", .seconds), ("99999999999999999999", .microseconds),
  ])
  func whatIsNoTimeIsRefused(text: String, unit: TimeColumn.Unit) {
    #expect(throws: IngestError.self) { _ = try times([text], unit) }
  }

  @Test func numbersAreTheNearestOnes() throws {
    let schema = Schema(name: "x", format: RecordFormat(kind: .tsv), dense: [DenseField(name: "x")])
    let texts = [
      "0", "-0.0", "+1.5", ".5", "5.", "0.1", "123456789012345678", "1e-46", "3.4028234e38", "1E+5", "00012",
      "0.000000000000000000000000123", "9007199254740993", "0.30000001192092896",
    ]
    let found = try rows(of: "x\n" + texts.joined(separator: "\n"), schema).reals("dense/x")!
    #expect(found == texts.map { Float(Double($0.hasSuffix(".") ? $0 + "0" : $0)!) })
  }

  @Test func labelsFollowTheirKind() throws {
    let schema = Schema(
      name: "l", format: RecordFormat(kind: .csv),
      labels: [
        LabelField(name: "plain"), LabelField(name: "income", positive: [">50K", "yes"]),
        LabelField(name: "liked", column: "stars", threshold: 4), LabelField(name: "stars", kind: .real),
        LabelField(name: "colour", kind: .class, classes: ["red", "blue"]),
        LabelField(name: "late", availableAt: TimeColumn(column: "known", unit: .seconds)),
      ])
    let head = "plain,income,stars,colour,late,known\n"
    let group = try rows(of: head + "1,>50K,4,blue,1,7\n0.0,<=50K,3.5,red,,\n", schema)
    #expect(group.reals("label/plain") == [1, 0])
    #expect(group.reals("label/income") == [1, 0])
    #expect(group.reals("label/liked") == [1, 0])
    #expect(group.reals("label/stars") == [4, 3.5])
    #expect(group.reals("label/colour") == [1, 0])
    #expect(group.reals("label/late")![1].isNaN)
    #expect(group.times("label/late/available_at") == [7_000_000, .absent])
    let error = refusal(of: head + "1,yes,4,bleu,1,7\n", schema)
    #expect(error?.message == "rows:2:9: column \"colour\": not one of the label's classes, found \"bleu\"")
    #expect(error?.hint == "Did you mean \"blue\"? The classes are: red, blue.")
  }

  @Test func severalValuesKeepTheirFirstOrTheirNewest() throws {
    let schema = Schema(
      name: "m", format: RecordFormat(kind: .csv),
      ids: [
        IDField(name: "tags", kind: .integer, shape: .multi, weightSeparator: ":", maximumLength: 2),
        IDField(name: "seen", kind: .integer, shape: .sequence, separator: "<>", maximumLength: 2),
      ])
    let group = try rows(of: "tags,seen\n5:0.5|6||7,1<>2<>3\n,\n8:1e1,4\n", schema)
    #expect(group.ids("id/tags") == [[5, 6], [], [8]])
    #expect(group.coded("id/tags")!.weights == [0.5, 1, 10])
    #expect(group.ids("id/seen") == [[2, 3], [], [4]])
    #expect(refusal(of: "tags,seen\n5:x,1\n", schema)?.message.contains("weight") == true)
  }

  @Test func bucketsCountTheBoundariesBelow() throws {
    let schema = Schema(
      name: "b", format: RecordFormat(kind: .csv),
      dense: [DenseField(name: "age")],
      ids: [IDField(name: "decade", column: "age", kind: .integer, bucketise: [10, 20])])
    let group = try rows(of: "age\n9.9\n10\n25\n\"\"\n", schema)
    #expect(group.ids("id/decade") == [[0], [1], [2], []])
    #expect(group.reals("dense/age")!.prefix(3) == [9.9, 10, 25])
  }

  @Test func knownTimesAreTheEventsTheIngestsOrAColumn() throws {
    var schema = Schema(
      name: "k", format: RecordFormat(kind: .csv), eventTime: TimeColumn(column: "t", unit: .microseconds))
    #expect(try rows(of: "t\n3\n", schema).times("time/known") == [3])
    schema.knownAt = .now
    #expect(try rows(of: "t\n3\n", schema).times("time/known") == [5])
    schema.knownAt = .column(TimeColumn(column: "u", unit: .microseconds))
    #expect(try rows(of: "t,u\n3,4\n", schema).times("time/known") == [4])
    #expect(refusal(of: "t,u\n,4\n", schema)?.message == "rows:2:1: column \"t\": every row needs an event time")
  }

  @Test func sampleWeightsAreOneUnlessGivenAndNeverNegative() throws {
    let schema = Schema(name: "w", format: RecordFormat(kind: .csv), weight: "w", dense: [DenseField(name: "x")])
    #expect(try rows(of: "w,x\n2.5,1\n,1\n", schema).reals("weight") == [2.5, 1])
    #expect(refusal(of: "w,x\n-1,1\n", schema)?.message.contains("at least 0") == true)
  }

  @Test func fieldsOfOneSpaceHaveCodesOfTheirOwn() throws {
    let schema = Schema(
      name: "s", format: RecordFormat(kind: .csv),
      ids: [
        IDField(name: "a", kind: .integer, space: "item"), IDField(name: "b", kind: .integer, space: "item"),
      ])
    let group = try rows(of: "a,b\n1,2\n2,3\n3,3\n", schema)
    #expect(group.coded("id/a")!.distinct == [1, 2, 3])
    #expect(group.coded("id/b")!.distinct == [2, 3])
    #expect(group.coded("id/b")!.codes == [0, 1, 1])
  }
}
