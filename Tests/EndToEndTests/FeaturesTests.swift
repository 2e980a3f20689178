import Foundation
import LoamStore
import Testing

/// A log, a file of late and unordered events, a view and requests, through the built program.
@Suite struct FeaturesTests {
  private static let schema = """
    schema: 1
    name: shop
    format: csv
    event_time: {column: time, unit: seconds}
    labels: [click]
    ids:
      - {name: user, kind: string}
      - {name: item, kind: integer}
    timelines:
      - {name: clicks, entity: user, when: {click: 1}, fields: [item], pairs: item}
    events:
      - name: purchases
        entity: user
        pairs: type
        format: csv
        event_time: {column: time, unit: seconds}
        known_at: {column: arrived, unit: seconds}
        dense: [price]
        ids:
          - {name: user, kind: string}
          - {name: type, kind: string}
    """
  private static let view = """
    view: 1
    name: shopper
    ids: [user]
    time: {column: at, unit: seconds}
    carry: [label]
    features:
      - {name: last_item, latest: item, timeline: clicks}
      - {name: items, sequence: item, timeline: clicks, last: 3}
      - {name: spent, window: sum, of: price, timeline: purchases, over: 100s, where: {type: buy}}
      - {name: types, window: distinct, of: type, timeline: purchases}
    """

  private final class Shop {
    let folder = NSTemporaryDirectory() + "loam-shop-\(UUID().uuidString)"
    var store: String { "\(folder)/store" }

    init() throws {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try write("schema.yaml", FeaturesTests.schema)
      try write("view.yaml", FeaturesTests.view)
      try write("log.csv", "time,click,user,item\n10,1,ann,1\n20,0,ann,2\n30,1,ann,3\n30,1,bob,4\n40,1,ann,5\n")
      // Unordered; the third was known late.
      try write(
        "buys.csv",
        "time,arrived,user,type,price\n50,50,ann,buy,2.5\n10,10,ann,buy,1\n20,90,ann,gift,8\n60,60,bob,buy,7\n")
      try write("requests.csv", "user,at,label\nann,30,1\nbob,31,0\nann,95,1\ncarl,95,0\n")
      try run("init", store, "--schema", "\(folder)/schema.yaml")
      try run("ingest", store, "\(folder)/log.csv")
      try run("ingest", store, "--events", "purchases", "\(folder)/buys.csv")
    }
    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func write(_ name: String, _ text: String) throws {
      try Data((text + "\n").utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }
    func text(_ name: String) throws -> String { try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8) }

    @discardableResult
    func run(_ arguments: String...) throws -> String {
      let outcome = try CommandLineProgram.run(arguments)
      #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
      return outcome.output
    }

    func features(_ output: String) throws {
      try run(
        "features", store, "--view", "\(folder)/view.yaml", "--entities", "\(folder)/requests.csv", "--output",
        "\(folder)/\(output)")
    }
  }

  @Test func aViewAnswersAFileOfRequestsInEveryFormat() throws {
    let shop = try Shop()
    try shop.features("out.csv")
    #expect(
      try shop.text("out.csv") == """
        user,time_microseconds,label,last_item,items_0,items_1,items_2,spent,types
        ann,30000000,1.0,1,1,,,1.0,1
        bob,31000000,0.0,4,4,,,0.0,0
        ann,95000000,1.0,5,5,3,1,3.5,2
        #\(shop.text("out.csv").split(separator: "\n").last!.split(separator: ",")[0].dropFirst()),95000000,0.0,,,,,0.0,0

        """)
    try shop.features("out.jsonl")
    let second = try shop.text("out.jsonl").split(separator: "\n")[1]
    #expect(
      second
        == #"{"user":"bob","time_microseconds":31000000,"label":0.0,"last_item":4,"items":[4,null,null],"spent":0.0,"types":0}"#
    )
    try shop.features("out.npy")
    let npy = try Data(contentsOf: URL(fileURLWithPath: "\(shop.folder)/out.npy"))
    let head = 12 + npy[8..<12].enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
    #expect(head % 64 == 0 && npy.count == head + 4 * (8 + 8 + 4 + 8 + 24 + 4 + 8))
    #expect(String(decoding: npy[12..<head], as: UTF8.self).contains("('items', '<u8', (3,))"))
    #expect(String(decoding: npy[12..<head], as: UTF8.self).contains("'shape': (4,)"))
    // tools/check-foreign-readers has pyarrow read one.
    try shop.features("out.arrow")
    let arrow = try Data(contentsOf: URL(fileURLWithPath: "\(shop.folder)/out.arrow"))
    let mark = Data("ARROW1".utf8)
    #expect(arrow.starts(with: mark) && arrow.suffix(6) == mark && arrow.range(of: Data("last_item".utf8)) != nil)
  }

  @Test func eventsOfAFileAreOnlyTakenOnce() throws {
    let shop = try Shop()
    try shop.run("ingest", shop.store, "--events", "purchases", "\(shop.folder)/buys.csv")
    let store = try Store.open(at: shop.store, for: .read)
    defer { store.close() }
    let snapshot = try store.snapshot()
    #expect(try TimelineReader(snapshot, TableName(.timeline, "purchases"))?.eventCount == 4)
    #expect(snapshot.record.tables["log:purchases"]?.rows == 0)
  }

  @Test func timelineAnswersWindowsFiltersAndWhatWasKnown() throws {
    let shop = try Shop()
    func count(_ arguments: String...) throws -> Int? {
      let output = try CommandLineProgram.run(
        ["timeline", shop.store, "--entity", "purchases", "--id", "ann", "--json"] + arguments
      ).output
      return (try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])?["total"] as? Int
    }
    #expect(try count() == 3)
    #expect(try count("--before", "30000000") == 1)
    #expect(try count("--before", "30000000", "--known-by", "90000000") == 2)
    #expect(try count("--where", "type=buy") == 2)
    #expect(try count("--before", "51000000", "--over", "30s") == 1)
  }

  @Test func whoIsForgottenIsGoneNowAndNamedWhereKept() throws {
    let shop = try Shop()
    try shop.run("versions", "tag", shop.store, "latest", "kept")
    func forget() throws -> [String: Any] {
      let output = try shop.run("forget", shop.store, "--entity", "user", "--id", "ann", "--json")
      return try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
    }
    let answer = try forget()
    #expect(answer["events"] as? [String: Int] == ["clicks": 3, "purchases": 3])
    #expect(answer["rows"] as? [String] == ["ids:user"])
    #expect(answer["log_rows"] as? [String: Int] == ["train": 4])
    let holders = try #require(answer["held_by"] as? [[String: Any]])
    #expect(holders.contains { ($0["tables"] as? [String])?.contains("timeline:clicks") == true })
    try shop.run("verify", shop.store)
    let again = try forget()
    #expect(again["version"] == nil && again["rows"] as? [String] == [])
    let store = try Store.open(at: shop.store, for: .read)
    defer { store.close() }
    #expect(try TimelineReader(try store.snapshot(), TableName(.timeline, "clicks"))?.eventCount == 1)
    #expect(try TimelineReader(try store.snapshot(at: .name("kept")), TableName(.timeline, "clicks"))?.eventCount == 4)
  }

  @Test func pairsOfATimelineAreCountedInTheVersionOfItsEvents() throws {
    let shop = try Shop()
    func ask(_ query: String) throws -> [Substring] {
      try shop.run("sql", shop.store, query, "--format", "csv").split(separator: "\n")
    }
    let clicks = "SELECT item, neighbour, count FROM pairs_clicks ORDER BY 1, 2"
    #expect(try ask(clicks) == ["item,neighbour,count", "1,3,1", "3,1,1", "3,5,1", "5,3,1"])
    // The gift was known late, and lies between two purchases.
    let gifts = "SELECT neighbour, count FROM pairs_purchases WHERE item = 'gift' ORDER BY count DESC"
    #expect(try ask(gifts) == ["neighbour,count", "buy,2"])
    #expect(try ask("EXPLAIN QUERY PLAN \(gifts)").last?.contains("item=?") ?? false)
    #expect(try !ask("EXPLAIN QUERY PLAN \(gifts)").contains { $0.contains("TEMP B-TREE") })
    try shop.run("forget", shop.store, "--entity", "user", "--id", "ann")
    #expect(try ask(clicks) == ["item,neighbour,count"])
    try shop.run("verify", shop.store)
  }

  @Test func aTimelineIsTrimmedByAgeAndLength() throws {
    let shop = try Shop()
    func trim(_ timeline: String, _ arguments: String...) throws -> Int? {
      let outcome = try CommandLineProgram.run(
        ["trim", shop.store, "--entity", timeline, "--json"] + arguments)
      return (try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])?["events"] as? Int
    }
    #expect(try trim("clicks", "--keep-last", "2") == 1)
    // All of it lies in 1970.
    #expect(try trim("purchases", "--older-than", "1d") == 4)
    #expect(try trim("purchases", "--keep-last", "0") == 0)
    try shop.run("verify", shop.store)
  }
}
