import Foundation
import LoamQuery
import LoamSchema
import LoamStore

@testable import LoamTraining

/// A store in a temporary directory with logs whose labels follow a planted linear effect of the IDs.
///
/// logit = effect(user) + effect(item) - 0.5; effects are Normal(0, 1) by ID, IDs by a skewed draw.
final class PlantedStore {
  let path: String
  private(set) var store: Store
  static let schema = Schema(
    name: "planted", format: RecordFormat(kind: .csv),
    labels: [
      .init(name: "click"), .init(name: "spend", kind: .real),
      .init(name: "colour", kind: .class, classes: ["red", "green", "blue"]),
    ],
    dense: [.init(name: "hour", transforms: [.standardise])],
    ids: [
      .init(name: "user", kind: .integer), .init(name: "item", kind: .integer),
      .init(name: "seen", kind: .integer, shape: .multi, space: "item"),
    ])

  init(shards: Int = 2) throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("loam-training-\(UUID())").path
    let options = StoreOptions(shards: shards, shardMapBytes: 1 << 28, catalogMapBytes: 1 << 24)
    store = try Store.create(at: path, options: options)
  }

  deinit {
    store.close()
    try? FileManager.default.removeItem(atPath: path)
  }

  private init(copying other: PlantedStore) throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("loam-training-\(UUID())").path
    try FileManager.default.copyItem(atPath: other.path, toPath: path)
    store = try Store.open(at: path, for: .write)
  }

  /// A store with the files as they are now, whatever is being written.
  func copy() throws -> PlantedStore { try PlantedStore(copying: self) }

  func reopen() throws {
    store.close()
    store = try Store.open(at: path, for: .write)
  }

  /// Appends rows to a log in as many versions as `pieces`, counting the IDs.
  @discardableResult
  func ingest(_ log: String, rows: Int, seed: UInt64, pieces: Int = 1, users: Int = 60) throws -> [Double] {
    var random = SeededGenerator(seed: seed)
    var truth: [Double] = []
    let sizes = (0..<pieces).map { rows * ($0 + 1) / pieces - rows * $0 / pieces }
    for size in sizes {
      let (group, probabilities) = Self.rows(size, &random, users: users)
      truth += probabilities
      try append(group, to: log)
    }
    return truth
  }

  private func append(_ group: RowGroup, to log: String) throws {
    let logSpec = TableSpec(TableName(.log, log))
    let spaces = ["user", "item"].map {
      TableSpec(TableName(.ids, $0), columns: [ColumnSpec("count/\(log)", .u64)])
    }
    let write = try store.begin([logSpec] + spaces)
    let writer = try FeatureLogWriter(write, logSpec)
    try writer.append(group)
    try writer.flush()
    for (space, fields) in zip(spaces, [["user"], ["item", "seen"]]) {
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

  private static func effect(_ kind: UInt64, _ id: Int) -> Double {
    var random = SeededGenerator(seed: 99, kind, UInt64(id))
    // Sum of twelve uniforms: near enough to a normal draw.
    return (0..<12).reduce(-6.0) { sum, _ in sum + Double(random.next() >> 11) * 0x1p-53 }
  }

  private static func rows(_ count: Int, _ random: inout SeededGenerator, users: Int) -> (RowGroup, [Double]) {
    var labels: [Float] = []
    var hours: [Float] = []
    var spends: [Float] = []
    var colours: [Float] = []
    var truth: [Double] = []
    var user = IDs()
    var item = IDs()
    var seen = IDs()
    for _ in 0..<count {
      let u = min(random.below(users), random.below(users))
      let i = min(random.below(40), random.below(40))
      let probability = 1 / (1 + exp(0.5 - effect(1, u) - effect(2, i)))
      truth.append(probability)
      labels.append(Double(random.next() >> 11) * 0x1p-53 < probability ? 1 : 0)
      hours.append(random.below(20) == 0 ? .nan : Float(random.below(24)))
      // Functions of the item; every third user has no spend.
      spends.append(u % 3 == 0 ? .nan : Float(effect(3, i)))
      colours.append(Float(i % 3))
      user.append([ID(u)])
      item.append(random.below(50) == 0 ? [] : [ID(i)])
      seen.append((0..<random.below(4)).map { _ in ID(random.below(40)) })
    }
    let group = RowGroup(
      rowCount: count,
      columns: [
        "label/click": .real(labels), "label/spend": .real(spends), "label/colour": .real(colours),
        "dense/hour": .real(hours), "id/user": .ids(user.single),
        "id/item": .ids(item.single), "id/seen": .ids(seen.several),
      ])
    return (group, truth)
  }

  /// Collects an ID column.
  private struct IDs {
    private var ids = CodedIDs()
    private var places: [ID: UInt32] = [:]
    private var offsets: [UInt32] = [0]

    mutating func append(_ values: [ID]) {
      for value in values {
        let place = places[value] ?? UInt32(ids.distinct.count)
        if places.updateValue(place, forKey: value) == nil { ids.distinct.append(value) }
        ids.codes.append(place)
      }
      if values.isEmpty { gaps.append(ids.codes.count + gaps.count) }
      offsets.append(UInt32(ids.codes.count))
    }
    private var gaps: [Int] = []

    var single: CodedIDs {
      var single = ids
      for gap in gaps { single.codes.insert(CodedIDs.missing, at: gap) }
      return single
    }
    var several: CodedIDs {
      var several = ids
      several.offsets = offsets
      return several
    }
  }

  func config(_ text: String = "", _ settings: (String, String)...) throws -> ModelConfig {
    let base = """
      model: deepfm
      name: ctr
      label: click
      train: train
      validation: valid
      fields: {dimension: 4, deviation: 0.01}
      network: {hidden: [8], batch_norm: true, dropout: 0.1}
      optimizer: {tables: {kind: adam, rate: 0.01}, dense: {rate: 0.01}}
      batch_size: 64
      epochs: 2
      shuffle: {window: 500}
      """
    return try ModelConfig(
      yaml: base + "\n" + text, file: "test.yaml", schema: Self.schema,
      settings: settings.map { (path: $0.0, value: $0.1) })
  }

  func trainer(_ config: ModelConfig, threads: Int = 2, replaces: Bool = false) -> Trainer {
    Trainer(store: store, schema: Self.schema, config: config, threads: threads, replaces: replaces)
  }

  /// Roots of everything that belongs to the model.
  func roots(_ model: String = "ctr") throws -> [String: String] {
    let tables = try store.snapshot().record.tables
    return tables.filter { $0.key.hasPrefix("model:\(model)") || $0.key.hasPrefix("embedding:\(model)/") }
      .mapValues { $0.root.description }
  }
}
