import Foundation
import LoamQuery
import LoamSchema
import LoamStore
import Testing

@testable import LoamTraining

/// Rows of one to four events. The label says whether the newest one was of type 20; items and ages are noise.
private final class EventfulStore {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent("loam-events-\(UUID())").path
  let store: Store
  static let schema = Schema(
    name: "eventful", format: RecordFormat(kind: .csv), labels: [.init(name: "click")],
    ids: [.init(name: "user", kind: .integer)]
      + ["history", "kind", "age"].map { .init(name: $0, kind: .integer, shape: .sequence) })

  init(rows: Int) throws {
    store = try Store.create(
      at: path, options: StoreOptions(shards: 2, shardMapBytes: 1 << 27, catalogMapBytes: 1 << 24))
    var random = SeededGenerator(seed: 4)
    var columns = ["user": [UInt32](), "history": [], "kind": [], "age": []]
    var (labels, offsets): ([Float], [UInt32]) = ([], [0])
    for _ in 0..<rows {
      columns["user"]!.append(UInt32(random.below(20)))
      for _ in 0...random.below(4) {
        columns["history"]!.append(UInt32(random.below(10)))
        columns["kind"]!.append(UInt32(random.below(2)))
        columns["age"]!.append(UInt32(random.below(9)))
      }
      offsets.append(UInt32(columns["kind"]!.count))
      labels.append(columns["kind"]!.last! == 1 ? 1 : 0)
    }
    var group = RowGroup(rowCount: rows, columns: ["label/click": .real(labels)])
    for (name, codes) in columns {
      let distinct: [ID] = name == "kind" ? [10, 20] : (0..<20).map { ID($0) * 3 }
      group.columns["id/\(name)"] = .ids(
        CodedIDs(distinct: distinct, codes: codes, offsets: name == "user" ? nil : offsets))
    }
    let (log, kinds) = (TableSpec(TableName(.log, "train")), TableSpec(TableName(.ids, "kind")))
    let write = try store.begin([log, kinds])
    let writer = try FeatureLogWriter(write, log)
    try writer.append(group)
    try writer.flush()
    let table = try IDTableWriter(write, kinds)
    for id: ID in [10, 20] { _ = try table.findOrInsert(id) }
    try table.flush()
    try write.publish()
  }

  deinit {
    store.close()
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Roots of a model that predicts next events, stopped after the given steps and gone on with.
  func roots(threads: Int, stops: [Int] = []) throws -> [String] {
    let config = try ModelConfig(
      yaml: """
        {model: dhen, name: next, label: click, train: train, batch_size: 50, epochs: 2,
         network: {hidden: [8], tower_hidden: [8], layers: 1, sequence_states: 1, next_event_weight: 1},
         fields: {dimension: 4, length: 3, exclude: [kind, age]},
         optimizer: {tables: {rate: 0.01}, dense: {rate: 0.02}}}
        """, file: "events", schema: Self.schema)
    for stop in stops {
      var steps = 0
      _ = try Trainer(store: store, schema: Self.schema, config: config, threads: 1).run(stopping: {
        steps += 1
        return steps == stop
      })
    }
    _ = try Trainer(store: store, schema: Self.schema, config: config, threads: threads).run()
    let tables = try store.snapshot().record.tables
    return tables.filter { $0.key.contains("next") }.map { "\($0.key) \($0.value.root)" }.sorted()
  }

  /// The mean loss of the last epoch.
  func loss(_ fields: String) throws -> Double {
    let config = try ModelConfig(
      yaml: """
        {model: dhen, name: m\(UInt64.random(in: 0 ..< .max)), label: click, train: train, batch_size: 50, epochs: 6,
         network: {hidden: [8], tower_hidden: [8], layers: 1, sequence_states: 1, next_event_weight: 0},
         fields: {dimension: 4, length: 3, \(fields)},
         optimizer: {tables: {rate: 0.01}, dense: {rate: 0.02}}}
        """, file: "events", schema: Self.schema)
    let report = try Trainer(store: store, schema: Self.schema, config: config).run()
    return report.history.last!["train/loss"]!
  }
}

@Suite("Events") struct EventTests {
  @Test func `DHEN learns from the types of events what their IDs do not say`() throws {
    let eventful = try EventfulStore(rows: 400)
    let known = try eventful.loss("special: {history: {length: 3, actions: kind, ages: age}}")
    let unknown = try eventful.loss("exclude: [kind, age]")
    #expect(known < 0.2, "\(known)")
    #expect(unknown > 0.5, "\(unknown)")
  }
  @Test func `The loss of the next event is the same with more threads, and after a stop`() throws {
    let expected = try EventfulStore(rows: 200).roots(threads: 1)
    #expect(expected.count >= 2)
    #expect(try EventfulStore(rows: 200).roots(threads: 2) == expected)
    #expect(try EventfulStore(rows: 200).roots(threads: 2, stops: [3, 2]) == expected)
  }
}
