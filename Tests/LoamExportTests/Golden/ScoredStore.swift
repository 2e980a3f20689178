import LoamQuery
import LoamSchema
import LoamStore
import LoamTraining

@testable import LoamExport

/// A store with the logs `train` and `valid` and a trained model: fields of one value, of several with weights, and a
/// sequence; missing IDs and numbers among them; labels of each kind.
final class ScoredStore {
  static let schema = Schema(
    name: "scored", format: RecordFormat(kind: .csv),
    labels: [
      .init(name: "click"), .init(name: "spend", kind: .real),
      .init(name: "colour", kind: .class, classes: ["red", "green", "blue"]),
    ],
    dense: [.init(name: "hour", transforms: [.log1p, .standardise])],
    ids: [
      .init(name: "user", kind: .integer), .init(name: "item", kind: .integer),
      .init(name: "seen", kind: .integer, shape: .multi, space: "item", weightSeparator: ":"),
      .init(name: "history", kind: .integer, shape: .sequence, space: "item"),
    ])
  static let rows = 300
  let scratch = Scratch()
  let store: Store

  init(shards: Int = 2) throws {
    store = try Store.create(
      at: scratch.path("store"),
      options: StoreOptions(shards: shards, shardMapBytes: 64 << 20, catalogMapBytes: 16 << 20))
    try store.setSchemaText(Self.schema.yaml)
    for (log, seed) in [("train", UInt64(1)), ("valid", 2)] { try write(log, seed: seed) }
  }

  deinit { store.close() }

  private func write(_ log: String, seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let below = { (bound: Int) in Int(random.next() % UInt64(bound)) }
    let specs =
      [TableSpec(TableName(.log, log))]
      + ["user", "item"].map { TableSpec(TableName(.ids, $0), columns: [ColumnSpec("count/\(log)", .u64)]) }
    let write = try store.begin(specs)
    let high = ID(1) << 63
    var group = RowGroup(rowCount: Self.rows)
    group.columns["time/event"] = .time((0..<Self.rows).map { 1_700_000_000_000_000 + 1_000_000 * Timestamp($0) })
    let number = { (values: [Float]) in RowGroup.Column.real(values) }
    group.columns["label/click"] = number((0..<Self.rows).map { _ in Float(below(2)) })
    group.columns["label/spend"] = number((0..<Self.rows).map { _ in Float(below(5)) })
    group.columns["label/colour"] = number((0..<Self.rows).map { _ in Float(below(3)) })
    group.columns["dense/hour"] = number((0..<Self.rows).map { _ in below(9) == 0 ? .nan : Float(below(24)) })
    // Users above 2^63 too: in a graph, whose integers are signed, they come first.
    let users = (0..<Self.rows).map { _ in below(12) == 0 ? ID.missing : ID(below(20)) + (below(2) == 0 ? high : 0) }
    group.columns["id/user"] = .ids(Self.coded(users.map { [$0] }, single: true))
    group.columns["id/item"] = .ids(Self.coded((0..<Self.rows).map { _ in [ID(below(30))] }, single: true))
    for field in ["seen", "history"] {
      var ids = Self.coded((0..<Self.rows).map { _ in (0..<below(5)).map { _ in ID(below(30)) } }, single: false)
      if field == "seen" { ids.weights = ids.codes.map { _ in Float(below(4)) / 2 } }
      group.columns["id/\(field)"] = .ids(ids)
    }
    let writer = try FeatureLogWriter(write, specs[0])
    try writer.append(group)
    try writer.flush()
    for (space, fields) in zip(specs.dropFirst(), [["user"], ["item", "seen", "history"]]) {
      let table = try IDTableWriter(write, space)
      let column = try table.columnIndex("count/\(log)")
      for field in fields {
        guard case .ids(let ids)? = group.columns["id/\(field)"] else { continue }
        for code in ids.codes where code != CodedIDs.missing {
          let row = try table.findOrInsert(ids.distinct[Int(code)])
          try table.mutableRow(column, row).assumingMemoryBound(to: UInt64.self).pointee += 1
        }
      }
      try table.flush()
    }
    try write.publish()
  }

  private static func coded(_ rows: [[ID]], single: Bool) -> CodedIDs {
    var ids = CodedIDs(offsets: single ? nil : [0])
    for row in rows {
      for id in row {
        let known = ids.distinct.firstIndex(of: id)
        if id == .missing {
          ids.codes.append(CodedIDs.missing)
        } else if let known {
          ids.codes.append(UInt32(known))
        } else {
          ids.codes.append(UInt32(ids.distinct.count))
          ids.distinct.append(id)
        }
      }
      ids.offsets?.append(UInt32(ids.codes.count))
    }
    return ids
  }

  func train(
    _ model: String = "deepfm", labels: String = "[click, spend, colour]", _ more: String = "network: {hidden: [6]}"
  )
    throws
  {
    let text = """
      {model: \(model), name: m, labels: \(labels), train: train, validation: valid, batch_size: 64,
       fields: {dimension: 4, deviation: 0.3, minimum_count: 3}, \(more)}
      """
    let config = try ModelConfig(yaml: text, file: "test", schema: Self.schema)
    _ = try Trainer(store: store, schema: Self.schema, config: config, threads: 1).run()
  }

  @discardableResult
  func export(_ options: ExportOptions = .init(), to name: String = "export") throws -> ExportManifest {
    try Exporter.export(store.snapshot(), model: "m", to: scratch.path(name), options: options)
  }
}
