import LoamSchema
import LoamStore
import Testing

@testable import LoamQuery

/// Features of tables beside those of timelines.
@Suite struct ViewTablesTests {
  private static let timeline = TableSpec.timeline("user", fields: [TimelineFieldSpec("item", .id)])
  private static let items = TableSpec(
    TableName(.embedding, "ctr/item"), columns: [ColumnSpec("vector", .f32, width: 4)])
  private static let space = TableSpec(
    TableName(.ids, "item"), columns: [ColumnSpec("count/train", .u64), ColumnSpec("age", .f32)])
  private static let view = """
    view: 1
    name: mixed
    ids: [user, item]
    features:
      - {name: vector, vector: item, model: ctr}
      - {name: taste, pooled: item, timeline: user, entity: user, model: ctr, last: 3, as: mean}
      - {name: total, pooled: item, timeline: user, entity: user, model: ctr, last: 2, as: sum}
      - {name: seen, count: item, log: train}
      - {name: age, attribute: age, table: ids:item, id: item}
    """

  /// Items 1 to 9 have the vector (item, 10 item, 100 item, -item), the unknown one (0.5, 0.5, 0.5, 0.5).
  private static func filled() throws -> QueryStore {
    let scratch = try QueryStore(shards: 2)
    let write = try scratch.store.begin([timeline, items, space])
    let vectors = try IDTableWriter(write, items)
    let counts = try IDTableWriter(write, space)
    for item in Array(UInt64(1)...9) + [ID.unknown] {
      let row = try vectors.findOrInsert(item)
      let values = try vectors.mutableRow(0, row).assumingMemoryBound(to: Float.self)
      let number = Float(item)
      let vector = item == .unknown ? [0.5, 0.5, 0.5, 0.5] : [number, 10 * number, 100 * number, -number]
      for element in 0..<4 { values[element] = vector[element] }
      guard item != .unknown else { continue }
      let counted = try counts.findOrInsert(item)
      try counts.mutableRow(0, counted).assumingMemoryBound(to: UInt64.self).pointee = item * 3
      try counts.mutableRow(1, counted).assumingMemoryBound(to: Float.self).pointee = number / 2
    }
    try vectors.flush()
    try counts.flush()
    let events = try TimelineWriter(write, timeline)
    for (time, item) in [(1, 3), (2, 5), (3, ID.missing), (4, 77)] as [(Timestamp, ID)] {
      try events.append([Event(entity: 6, time: time, values: [.id(item)])])
    }
    try events.flush()
    try write.publish()
    return scratch
  }

  @Test func vectorsPooledHistoriesCountsAndAttributesComeFromOneVersion() throws {
    let scratch = try Self.filled()
    let reader = try ViewReader(try scratch.store.snapshot(), try FeatureView.parse(yaml: Self.view, file: "test"))
    let row = try reader.answer([6, 4], at: 10)
    #expect(row.values("vector") == .real([4, 40, 400, -4]))
    // The last three events are the unknown 77, one without an item, and 5.
    #expect(row.values("taste") == .real([2.75, 25.25, 250.25, -2.25]))
    #expect(row.values("total") == .real([0.5, 0.5, 0.5, 0.5]))
    #expect(row.values("seen") == .numbers([12]))
    #expect(row.values("age") == .real([2]))
    let absent = try reader.answer([1, 1_000], at: 10)
    #expect(absent.values("vector") == .real([0.5, 0.5, 0.5, 0.5]))
    #expect(absent.values("taste") == .real([0, 0, 0, 0]))
    #expect(absent.values("seen") == .numbers([0]))
    if case .real(let age)? = absent.values("age") { #expect(age[0].isNaN) }
  }

  @Test func theJoinAndTheOnlineAnswerAgreeToTheBit() throws {
    let scratch = try Self.filled()
    let reader = try ViewReader(try scratch.store.snapshot(), try FeatureView.parse(yaml: Self.view, file: "test"))
    let requests = ViewRequests(
      ids: [(0..<200).map { UInt64($0 % 8) }, (0..<200).map { UInt64($0 % 11) }],
      times: (0..<200).map { Timestamp($0 % 7) })
    let rows = try ViewJoinTests.fill(reader, requests)
    for request in 0..<200 {
      #expect(
        try reader.answer(requests.ids.map { $0[request] }, at: requests.times[request]).bytes == rows[request].bytes)
    }
  }

  @Test(arguments: [
    ("vector: item, model: ctrr", "embedding:ctrr/item"), ("count: item, log: tain", "count/tain"),
    ("latest: itm, timeline: user, entity: user", "itm"), ("latest: item, timeline: usr, entity: user", "usr"),
    ("window: sum, of: item, timeline: user, entity: user", "is id"),
    ("latest: item, timeline: user", "whose events"),
    ("latest: item, timeline: user, entity: user, where: {item: x}", "'x'"),
  ])
  func whatTheVersionLacksIsNamed(feature: String, named: String) throws {
    let scratch = try Self.filled()
    let text = "view: 1\nname: v\nids: [user, item]\nfeatures:\n  - {name: f, \(feature)}\n"
    let view = try FeatureView.parse(yaml: text, file: "test")
    let error = #expect(throws: QueryError.self) { try ViewReader(try scratch.store.snapshot(), view) }
    #expect(error?.message.contains(named) == true, "\(error?.message ?? "")")
  }

  @Test(arguments: [
    ("{name: f, latest: a, timeline: t, last: 3}", "last"), ("{name: f, sequence: a, timeline: t}", "last"),
    ("{name: f, window: sum, timeline: t}", "of"), ("{name: f, window: count, of: a, timeline: t}", "of"),
    ("{name: f, window: total, of: a, timeline: t}", "sum"), ("{name: f}", "pooled"),
    ("{name: f, vector: usr, model: m}", "user"), ("{name: f, latest: a, timeline: t, over: 7x}", "span"),
    ("{name: f, latest: a, count: user}", "beside"), ("{name: user, vector: user, model: m}", "user"),
    ("{name: f, attribute: a, table: log:x, id: user}", "ids:SPACE"),
  ])
  func aFaultyFeatureIsRefusedWithItsPlace(feature: String, named: String) throws {
    let text = "view: 1\nname: v\nids: [user]\nfeatures:\n  - \(feature)\n"
    let error = #expect(throws: SchemaError.self) { try FeatureView.parse(yaml: text, file: "v.yaml") }
    #expect(error.map { "\($0.message) \($0.hint ?? "")".contains(named) } == true, "\(String(describing: error))")
    #expect(error?.message.contains("v.yaml:") == true)
  }
}
