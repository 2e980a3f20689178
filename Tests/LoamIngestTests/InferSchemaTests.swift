import LoamIngest
import LoamSchema
import Testing

@Suite struct InferSchemaTests {
  /// Columns by name, as many records as the function is asked for.
  private func infer(
    _ columns: [(String, (Int) -> String)], rows: Int = 400, kind: RecordFormat.Kind = .csv, header: Bool = true
  ) -> SchemaInference {
    let records = (0..<rows).map { row in columns.map { $0.1(row) } }
    return SchemaInference.infer(header: header ? columns.map(\.0) : nil, records: records, kind: kind, name: "log")
  }

  @Test func `an ads log gets label, dense, IDs, a shared space and a timeline`() throws {
    let guess = infer([
      ("time_ms", { "\(1_700_000_000_000 + $0 * 1_000)" }),
      ("user", { "\(100_000 + $0 * 7 % 90)" }),
      ("item", { "\($0 * 13 % 60 + 1)" }),
      ("advertiser", { "adv-\($0 % 12)" }),
      ("hour", { "\($0 % 24)" }),
      ("price", { "\($0 % 97).\($0 % 10)5" }),
      (
        "history",
        { row in row % 5 == 0 ? "" : (0..<(row % 4 + 1)).map { "\((row + $0) * 7 % 60 + 1)" }.joined(separator: "|") }
      ),
      ("click", { $0 % 9 == 0 ? "1" : "0" }),
      ("conversion", { $0 % 90 == 0 ? "1" : "0" }),
      ("conversion_time_ms", { $0 % 90 == 0 ? "\(1_700_000_900_000 + $0 * 1_000)" : "" }),
    ])
    let schema = guess.schema
    #expect(schema.eventTime == TimeColumn(column: "time_ms", unit: .milliseconds))
    #expect(
      schema.labels == [
        LabelField(name: "click"),
        LabelField(name: "conversion", availableAt: TimeColumn(column: "conversion_time_ms", unit: .milliseconds)),
      ])
    #expect(schema.dense.map(\.name) == ["price"])
    #expect(
      schema.ids == [
        IDField(name: "user", kind: .integer), IDField(name: "item", kind: .integer), IDField(name: "advertiser"),
        IDField(name: "hour", kind: .integer),
        IDField(name: "history", kind: .integer, shape: .sequence, space: "item"),
      ])
    #expect(
      schema.timelines == [
        TimelineField(name: "user", entity: "user", when: [.init(label: "click", equals: 1)], fields: ["item"])
      ])
    #expect(try Schema.parse(yaml: guess.yaml, file: "guess") == schema, "\(guess.yaml)")
    #expect(guess.yaml.contains("# integers 1 ... 60, 60 distinct in 400"))
  }

  @Test func `a file without header gets numbered columns, missing markers and trimming`() throws {
    let guess = infer(
      [
        ("", { "\(17 + $0 % 70)" }), ("", { [" Private", " ?", " State-gov"][$0 % 3] }),
        ("", { $0 % 4 == 0 ? " >50K" : " <=50K" }),
      ], header: false)
    #expect(guess.schema.format.columns == ["column_1", "column_2", "column_3"])
    #expect(!guess.schema.format.header)
    #expect(guess.schema.format.trim)
    #expect(guess.schema.format.missing == ["?"])
    #expect(guess.schema.labels == [LabelField(name: "column_3", positive: [">50K"])])
    #expect(guess.schema.dense.map(\.name) == ["column_1"])
    #expect(guess.schema.ids.map(\.name) == ["column_2"])
    #expect(try Schema.parse(yaml: guess.yaml, file: "guess") == guess.schema)
  }

  @Test func `names that no field may have become legal, and the column is kept`() throws {
    let guess = infer([
      ("user_id:token", { "\($0 % 50)" }), ("zip code", { "0\($0 % 90 + 1000)" }), ("zip_code", { "b\($0 % 3)" }),
      ("rating:float", { "\($0 % 5 + 1)" }), ("timestamp:float", { "\(880_000_000 + $0)" }),
      ("class:token_seq", { ["Comedy Drama", "Action", "Drama"][$0 % 3] }),
    ])
    #expect(guess.schema.ids.map(\.name) == ["user_id", "zip_code", "zip_code_2", "class"])
    #expect(guess.schema.ids.map(\.column) == ["user_id:token", "zip code", "zip_code", "class:token_seq"])
    #expect(guess.schema.ids.map(\.kind) == [.integer, .string, .string, .string])
    #expect(guess.schema.ids[3].shape == .multi)
    #expect(guess.schema.ids[3].separator == " ")
    #expect(guess.schema.labels == [LabelField(name: "rating", column: "rating:float", threshold: 4)])
    #expect(guess.schema.eventTime == TimeColumn(column: "timestamp:float", unit: .seconds))
    #expect(try Schema.parse(yaml: guess.yaml, file: "guess") == guess.schema)
  }

  @Test func `row numbers, free text, empty columns and nameless ones are left out with a reason`() {
    let guess = infer([
      ("", { "\($0)" }), ("id", { "\($0 * 31 % 401)" }), ("empty", { _ in "" }),
      ("review", { "number \($0) was a good one, and I would buy it again next year" }), ("y", { "\($0 % 2)" }),
      ("c", { "\($0 % 3)" }), ("c", { "\($0 % 4)" }),
    ])
    #expect(guess.leftOut.map(\.column) == ["", "id", "empty", "c", "review"])
    #expect(guess.schema.ids.map(\.name) == ["c"])
    for column in guess.leftOut { #expect(guess.yaml.contains(column.reason)) }
  }

  @Test func `large integers and names of things are IDs, floats and counts are dense`() {
    let guess = infer([
      ("hash", { "\(584_771_121_641 &+ $0 &* 1_000_003)" }), ("count", { "\($0 % 7)" }), ("score", { "0.\($0 + 1)" }),
      ("amount", { "\($0 * 91 % 5_000)" }), ("campaign_id", { "\($0 % 300)" }), ("signed", { "\($0 % 3 - 1)" }),
      ("label", { "\($0 % 2)" }),
    ])
    #expect(guess.schema.ids.map(\.name) == ["hash", "campaign_id", "signed"])
    #expect(guess.schema.ids.map(\.kind) == [.integer, .integer, .string])
    #expect(guess.schema.dense.map(\.name) == ["count", "score", "amount"])
    #expect(guess.schema.dense[1].transforms.isEmpty)
    #expect(guess.schema.dense[2].transforms == [.log1p, .standardise])
  }

  @Test func `weights, ISO times, classes and weighted sets are found`() throws {
    let guess = infer(
      [
        ("when", { "2024-01-\(10 + $0 % 20)T10:00:00Z" }), ("weight", { "\($0 % 3).5" }),
        ("target", { ["view", "cart", "buy"][$0 % 3] }), ("tags", { "a\($0 % 5):0.5|b\($0 % 3):2" }),
      ], kind: .tsv)
    #expect(guess.schema.eventTime == TimeColumn(column: "when", unit: .iso8601))
    #expect(guess.schema.weight == "weight")
    #expect(guess.schema.labels == [LabelField(name: "target", kind: .class, classes: ["buy", "cart", "view"])])
    #expect(guess.schema.ids == [IDField(name: "tags", shape: .multi, weightSeparator: ":")])
    #expect(try Schema.parse(yaml: guess.yaml, file: "guess") == guess.schema)
  }

  @Test func `libsvm gives one weighted set, libffm a field for each number`() throws {
    let libsvm = infer([("label", { "\($0 % 2)" }), ("features", { "\($0 % 9) 12:0.5" })], kind: .libsvm)
    #expect(
      libsvm.schema.ids == [
        IDField(name: "features", kind: .integer, shape: .multi, separator: " ", weightSeparator: ":")
      ])
    let libffm = infer(
      [("label", { $0 % 2 == 0 ? "1" : "-1" }), ("f0", { "\($0 % 90)" }), ("f1", { "\($0 % 9) 12:0.5" })], kind: .libffm
    )
    #expect(libffm.schema.labels == [LabelField(name: "label")])
    #expect(libffm.schema.ids.map(\.shape) == [.single, .multi])
    for guess in [libsvm, libffm] { #expect(try Schema.parse(yaml: guess.yaml, file: "guess") == guess.schema) }
  }

  @Test func `lines of libsvm and libffm are cut into columns`() throws {
    let svm = SchemaInference.infer(
      header: nil, records: (0..<50).map { ["\($0 % 2)", "\($0):1", "99:0.5"] }, kind: .libsvm, name: "a")
    #expect(svm.schema.ids.map(\.column) == ["features"])
    let ffm = SchemaInference.infer(
      header: nil, records: (0..<50).map { ["+1", "0:\($0):1", "7:3:0.5", "7:4:1"] }, kind: .libffm, name: "a")
    #expect(ffm.schema.ids.map(\.column) == ["f0", "f7"])
    #expect(ffm.schema.ids.map(\.shape) == [.single, .multi])
    for guess in [svm, ffm] {
      #expect(guess.schema.labels == [LabelField(name: "label")])
      #expect(try Schema.parse(yaml: guess.yaml, file: "guess") == guess.schema)
    }
  }

  @Test func `JSON arrays are sets or sequences, and objects are left out`() throws {
    let guess = infer(
      [
        ("label", { "\($0 % 2)" }), ("tags", { "[\"a\($0 % 3)\"]" }),
        ("history", { $0 % 4 == 0 ? "[]" : "[\($0), 7]" }),
        ("meta", { "{\"a\":\($0)}" }),
      ], kind: .jsonl)
    #expect(guess.schema.ids.map(\.shape) == [.multi, .sequence])
    #expect(guess.schema.ids.map(\.kind) == [.string, .integer])
    #expect(guess.leftOut.map(\.column) == ["meta"])
    #expect(try Schema.parse(yaml: guess.yaml, file: "guess") == guess.schema)
  }

  @Test func `blanks in names of things do not make a list`() {
    let guess = infer([
      ("segment", { ["2) $100 - $200", "3) $200 - $350"][$0 % 2] }), ("city", { ["New York", "Los Angeles"][$0 % 2] }),
      ("history_segment", { ["1) $0 - $100", "7) $1,000 +"][$0 % 2] }), ("click", { "\($0 % 2)" }),
    ])
    #expect(guess.schema.ids.map(\.shape) == [.single, .single, .single])
  }

  @Test func `any sample gives a schema that can be read, or one without fields`() {
    for columns in [[], [("a", { (_: Int) in "" })]] as [[(String, (Int) -> String)]] {
      #expect(infer(columns).schema.ids.isEmpty)
    }
    let odd = [
      "", "-", ":", "|", "\u{0}", "1e999", "0x1p3", "٣", "🙂|🙂", "a:b:c", "--1", "99999999999999999999", "2024-13-99",
    ]
    for offset in 1...odd.count {
      let guess = infer([
        ("x y", { odd[$0 * offset % odd.count] }), ("#", { odd[$0 % offset] }), ("label", { "\($0 % 2)" }),
      ])
      #expect(throws: Never.self) { try Schema.parse(yaml: guess.yaml, file: "guess") }
    }
  }

  @Test func `a header is told from a record`() {
    let numbers = [["1", "2"], ["3", "4"]]
    #expect(SchemaInference.isHeader(["user", "item"], before: numbers))
    #expect(SchemaInference.isHeader(["", "item"], before: numbers))
    #expect(!SchemaInference.isHeader(["5", "6"], before: numbers))
    #expect(!SchemaInference.isHeader(["39", " State-gov"], before: [["50", " Private"]]))
    #expect(!SchemaInference.isHeader(["a", "b"], before: [["a", "c"], ["d", "b"]]))
    #expect(SchemaInference.isHeader(["key", "value"], before: [["a", "c"], ["d", "b"]]))
  }
}
