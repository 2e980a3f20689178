import LoamSchema
import Testing

@Suite struct SchemaParseTests {
  static let full = """
    schema: 1
    name: ads
    format: {kind: csv, delimiter: ";", columns: [time, seen, w, rating, income, kind, i1..i3, age, user, genres, f.., history, c01..c12], missing: ["?", NA], trim: true}
    event_time: {column: time, unit: milliseconds}
    known_at: {column: seen, unit: iso8601}
    weight: w
    labels:
      - {name: like, column: rating, threshold: 4}
      - {name: rating, kind: real}
      - {name: income, positive: [">50K", 'a "quoted" text'], available_at: {column: seen, unit: seconds}}
      - {name: kind, classes: [view, buy, "7"]}
    dense:
      - i1..i3
      - {name: age, transforms: [log1p, standardise, {clip: [0, 10.5]}, {bucketise: [18, 25, 35]}]}
    ids:
      - {name: user, kind: integer}
      - {name: age_group, column: age, bucketise: [18, 30.25]}
      - {name: genres, shape: multi, separator: " ", weight_separator: ":"}
      - {name: history, shape: sequence, space: item, kind: integer, maximum_length: 50}
      - {each: [c01..c12], space: shared}
    timelines:
      - {name: user, entity: user, when: {like: 1, kind: buy}, fields: [c01, age, rating]}
      - {name: all, entity: user}
    """

  @Test func `every key has its effect`() throws {
    let schema = try Schema.parse(yaml: Self.full, file: "full.yaml")
    #expect(schema.format.columns.count == 14 + 12)
    #expect(schema.format.delimiter == ";")
    #expect(!schema.format.header)
    #expect(schema.format.missing == ["?", "NA"])
    #expect(schema.knownAt == .column(TimeColumn(column: "seen", unit: .iso8601)))
    #expect(schema.labels[0] == LabelField(name: "like", column: "rating", threshold: 4))
    #expect(schema.labels[3].kind == .class)
    #expect(schema.dense.map(\.name) == ["i1", "i2", "i3", "age"])
    #expect(
      schema.dense[3].transforms == [.log1p, .standardise, .clip(lower: 0, upper: 10.5), .bucketise([18, 25, 35])])
    #expect(schema.ids[1] == IDField(name: "age_group", column: "age", kind: .integer, bucketise: [18, 30.25]))
    #expect(
      schema.ids[3]
        == IDField(name: "history", kind: .integer, shape: .sequence, space: "item", maximumLength: 50))
    #expect(schema.ids[4] == IDField(name: "c01", space: "shared"))
    #expect(schema.ids.last?.name == "c12")
    #expect(
      schema.timelines[0]
        == TimelineField(
          name: "user", entity: "user", when: [.init(label: "like", equals: 1), .init(label: "kind", equals: 1)],
          fields: ["c01", "age", "rating"]))
  }

  @Test func `a schema written as YAML is read back as the same schema`() throws {
    let schema = try Schema.parse(yaml: Self.full, file: "full.yaml")
    #expect(try Schema.parse(yaml: schema.yaml, file: "again.yaml") == schema, "\(schema.yaml)")
    #expect(schema.yaml.contains("{each: [c01..c12], space: shared}"))
    #expect(schema.yaml.contains("i1..i3"))
    try schema.check()
  }

  @Test func `texts that YAML would read otherwise survive the round trip`() throws {
    let odd = ["yes", "null", "~", "1e3", "a: b", "#c", "x1..x9", "", "é\u{2028}\"\\\n", "- d", "{e}", " f "]
    let columns = odd.filter { !$0.isEmpty } + ["a b1", "a b2", "a b3", "y"]
    let schema = Schema(
      name: "true", format: RecordFormat(kind: .csv, columns: columns, missing: odd),
      labels: [LabelField(name: "y", kind: .real), LabelField(name: "on", column: "- d", classes: [])],
      ids: columns.enumerated().map { IDField(name: "c.\($0)", column: $1) })
    #expect(try Schema.parse(yaml: schema.yaml, file: "odd.yaml") == schema, "\(schema.yaml)")
  }

  @Test func `a random schema survives the round trip`() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SplitMix(state: seed)
    for _ in 0..<200 {
      let schema = randomSchema(using: &random)
      #expect(try Schema.parse(yaml: schema.yaml, file: "random.yaml") == schema, "seed \(seed)\n\(schema.yaml)")
    }
  }

  @Test func `a schema made in code is refused like its file`() {
    let schema = Schema(
      name: "x", format: RecordFormat(kind: .csv), ids: [IDField(name: "user")],
      timelines: [TimelineField(name: "t", entity: "user", fields: [])])
    #expect(throws: SchemaError.self) { try schema.check() }
  }

  @Test func `the columns of libsvm and libffm are known`() throws {
    let libsvm = try Schema.parse(
      yaml: schemaText(
        "labels: [label]\nids:\n  - {name: features, kind: integer, shape: multi, separator: ' ', weight_separator: ':'}",
        format: "libsvm"), file: "a")
    #expect(libsvm.ids[0].weightSeparator == ":")
    #expect(!libsvm.format.header)
    let libffm = try Schema.parse(
      yaml: schemaText("labels: [label]\nids:\n  - {each: [f0..f25], kind: integer}", format: "libffm"), file: "a")
    #expect(libffm.ids.count == 26)
  }
}

struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

private func randomSchema(using random: inout SplitMix) -> Schema {
  var names = Array((1...40).map { "n\($0)" }.shuffled(using: &random))
  func name(_ random: inout SplitMix) -> String { names.removeLast() }
  func number(_ random: inout SplitMix) -> Double { Double.random(in: -1e6...1e6, using: &random) }
  var schema = Schema(name: "r", format: RecordFormat(kind: [.csv, .tsv, .jsonl].randomElement(using: &random)!))
  schema.eventTime = TimeColumn(column: "t", unit: TimeColumn.Unit.allCases.randomElement(using: &random)!)
  schema.knownAt = Bool.random(using: &random) ? .now : .eventTime
  for _ in 0..<Int.random(in: 1...3, using: &random) {
    schema.labels.append(
      Bool.random(using: &random)
        ? LabelField(name: name(&random), threshold: number(&random))
        : LabelField(name: name(&random), column: "l x", kind: .class, classes: ["a", "b", "c"]))
  }
  for _ in 0..<Int.random(in: 0...6, using: &random) {
    let steps: [DenseTransform] = [.log1p, .standardise, .clip(lower: -1, upper: number(&random).magnitude)]
    schema.dense.append(
      DenseField(name: name(&random), transforms: Array(steps.prefix(Int.random(in: 0...3, using: &random)))))
  }
  for _ in 0..<Int.random(in: 1...20, using: &random) {
    var field = IDField(name: name(&random), kind: .integer)
    field.shape = IDField.Shape.allCases.randomElement(using: &random)!
    if field.shape == .multi { field.separator = "," }
    if Bool.random(using: &random) { field.space = "shared" }
    schema.ids.append(field)
  }
  if let entity = schema.ids.first(where: { $0.shape == .single }), let label = schema.labels.first {
    let condition = TimelineField.Condition(label: label.name, equals: 1)
    schema.timelines = [TimelineField(name: "t", entity: entity.name, when: [condition], fields: [label.name])]
  }
  return schema
}
