import Foundation
import LoamSchema
import Testing

@testable import LoamStore

/// A store with a table of every kind that changes at random, beside a model of its rows.
final class ChangingStore {
  static let items = TableSpec(
    TableName(.embedding, "ctr/item"),
    columns: [
      ColumnSpec("vector", .f32, width: 5, initial: .normal(deviation: 0.1, seed: 3)),
      ColumnSpec("last_step", .u64),
    ])
  static let users = TableSpec(TableName(.ids, "user"), columns: [ColumnSpec("count/train", .u64)])
  static let log = TableSpec(TableName(.log, "train"))
  static let views = TableSpec.timeline("views", fields: [.init("item", .id), .init("price", .real)])
  static let model = TableSpec(TableName(.model, "ctr"))
  static let specs = [items, users, log, views, model]

  let scratch: StructureStore
  private var random: SeededGenerator
  /// Row bytes of `items` by ID, columns one after the other.
  private(set) var rows: [ID: [UInt8]] = [:]
  private var events: Timestamp = 0

  init(shards: Int, seed: UInt64) throws {
    scratch = try StructureStore(shards: shards)
    random = SeededGenerator(seed)
  }

  var store: Store { scratch.store }

  /// Publishes a version with `count` changes of each kind, and `removing` items and users fewer before them; returns
  /// its number.
  func change(_ count: Int, removing: Int = 0, tag: String? = nil) throws -> UInt64 {
    let write = try store.begin(Self.specs)
    try changeItems(write, count, removing: removing)
    let users = try IDTableWriter(write, Self.users)
    for _ in 0..<removing { try users.remove(RowHash.salt("user \(random.next() % 400)")) }
    for _ in 0..<count {
      let name = "user \(random.next() % 400)"
      let row = try users.findOrInsert(RowHash.salt(name), string: name)
      try users.mutableRow(0, row).assumingMemoryBound(to: UInt64.self).pointee += 1
    }
    try users.flush()
    let log = try FeatureLogWriter(write, Self.log)
    try log.append(logRows(count))
    log.sources = [LogSource(name: "a.csv", fingerprint: "f", rows: UInt64(log.rowCount))]
    try log.flush()
    let views = try TimelineWriter(write, Self.views)
    try views.append(
      (0..<count).map { _ in
        events += Timestamp(random.next() % 3)
        return Event(
          entity: random.next() % 50, time: events,
          values: random.next() % 4 == 0 ? [] : [.id(random.next() % 99), .real(Float(random.next() % 99))])
      })
    try views.flush()
    let blobs = try BlobWriter(write, Self.model)
    for _ in 0..<3 {
      let name = "blob/\(random.next() % 5)"
      if random.next() % 4 == 0 { blobs.remove(name) } else { blobs.set(name, [UInt8](repeating: 7, count: count)) }
    }
    blobs.set("step", [UInt8(truncatingIfNeeded: random.next())])
    try blobs.flush()
    let record = try write.publish(
      PublishOptions(note: "change", tags: tag.map { [$0] } ?? [], metrics: ["ctr/valid/auc": 0.75]))
    return record.version
  }

  private func changeItems(_ write: Write, _ count: Int, removing: Int) throws {
    let items = try IDTableWriter(write, Self.items)
    for id in rows.keys.sorted().shuffled(using: &random).prefix(removing) {
      #expect(try items.remove(id))
      rows[id] = nil
    }
    for _ in 0..<count {
      let id = random.next() % 3_000
      let row = try items.findOrInsert(id)
      if random.next() % 5 != 0 {
        let vector = try items.mutableRow(0, row).assumingMemoryBound(to: Float.self)
        vector[Int(random.next() % 5)] += Float(random.next() % 100) / 1_000
        try items.mutableRow(1, row).storeBytes(of: random.next() % 9, as: UInt64.self)
      }
      rows[id] = try Self.items.columns.indices.flatMap { column in
        [UInt8](
          UnsafeRawBufferPointer(start: try items.row(column, row), count: Self.items.columns[column].stride))
      }
    }
    try items.flush()
  }

  private func logRows(_ count: Int) -> RowGroup {
    var ragged = CodedIDs(offsets: [0], weights: [])
    ragged.distinct = [1, 5, 9]
    for _ in 0..<count {
      for _ in 0..<(random.next() % 3) {
        ragged.codes.append(UInt32(random.next() % 3))
        ragged.weights!.append(0.5)
      }
      ragged.offsets!.append(UInt32(ragged.codes.count))
    }
    return RowGroup(
      rowCount: count,
      columns: [
        "dense/age": .real((0..<count).map { _ in random.next() % 5 == 0 ? .nan : Float(random.next() % 80) }),
        "time/event": .time((0..<count).map { Timestamp($0) }),
        "id/tags": .ids(ragged),
        "id/user": .ids(CodedIDs(distinct: [4, 8], codes: (0..<count).map { _ in UInt32(random.next() % 2) })),
      ])
  }
}

/// A path of its own, removed with it.
final class ScratchPath {
  let path = NSTemporaryDirectory() + "loam-delta-\(UUID().uuidString)"
  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Every structure's own check, and the roots from the stored rows.
func requireSound(_ snapshot: Snapshot) throws {
  for name in snapshot.tables {
    let root: Root?
    switch name.kind {
    case .ids, .embedding, .pairs, .keys, .sketch:
      let reader = try IDTableReader(snapshot, name)
      try reader?.check()
      root = try reader?.computeRoot()
    case .log:
      let reader = try FeatureLogReader(snapshot, name)
      try reader?.check()
      root = try reader?.computeRoot()
    case .timeline:
      let reader = try TimelineReader(snapshot, name)
      try reader?.check()
      root = try reader?.computeRoot()
    case .model:
      let reader = try BlobReader(snapshot, name)
      try reader?.check()
      root = try reader?.computeRoot()
    }
    guard root == snapshot.record.tables[name.description]?.root else {
      throw StoreError(.rootDiffers, "\(name): \(root.map { "\($0)" } ?? "no table")")
    }
  }
}
