import Foundation
import LoamQuery
import LoamSchema
import LoamStore

@testable import LoamExport

/// A store with a small model `ctr`: table `item` of strings with lazily decayed vectors and weights, table `slot` of
/// integers with weights alone, and dense tensors.
final class TrainedStore {
  static let items = ["kettle", "tea pot", "Tasse für Käse", "🫖", "spoon"]
  let scratch = Scratch()
  let store: Store

  init(shards: Int = 2, nonfinite: Bool = false, denseNaN: Bool = false) throws {
    store = try Store.create(
      at: scratch.path("store"),
      options: StoreOptions(shards: shards, shardMapBytes: 64 << 20, catalogMapBytes: 16 << 20))
    try store.setSchemaText("name: ads\n")
    let specs = [
      TableSpec(TableName(.ids, "item"), columns: [ColumnSpec("count", .u64)]),
      TableSpec(TableName(.ids, "slot"), columns: [ColumnSpec("count", .u64)]),
      TableSpec(
        TableName(.embedding, "ctr/item"),
        columns: [
          ColumnSpec("vector", .f32, width: 3, initial: .normal(deviation: 0.1, seed: 5)), ColumnSpec("weight", .f32),
          ColumnSpec("decay", .f64),
        ]),
      TableSpec(TableName(.embedding, "ctr/slot"), columns: [ColumnSpec("weight", .f32)]),
      TableSpec(TableName(.model, "ctr")),
    ]
    let write = try store.begin(specs)
    let tables = try specs.prefix(4).map { try IDTableWriter(write, $0) }
    for item in Self.items {
      _ = try tables[0].findOrInsert(Self.id(item), string: item)
      let row = try tables[2].findOrInsert(Self.id(item))
      try tables[2].mutableRow(1, row).storeBytes(of: nonfinite ? .nan : Float(item.utf8.count), as: Float.self)
      try tables[2].mutableRow(2, row).storeBytes(of: -Double(item.utf8.count) / 100, as: Double.self)
    }
    for id: ID in [3, 1, 2, 1 << 63] {
      _ = try tables[1].findOrInsert(id)
      try tables[3].mutableRow(0, try tables[3].findOrInsert(id)).storeBytes(of: Float(id), as: Float.self)
    }
    for id in [ID.unknown, .missing] {
      _ = try tables[2].findOrInsert(id)
      _ = try tables[3].findOrInsert(id)
    }
    for table in tables { try table.flush() }
    try Self.setBlobs(write, specs[4], denseNaN: denseNaN)
    _ = try write.publish(
      .init(note: "epoch 1", tags: ["best"], metrics: ["ctr/valid/auc": 0.75, "other/valid/auc": 1]))
  }

  private static func setBlobs(_ write: Write, _ spec: TableSpec, denseNaN: Bool) throws {
    let definition = ModelDefinition(
      name: "ctr", architecture: "deepfm", labels: ["click"],
      fields: [.init(name: "item", table: 0), .init(name: "slot", table: 1)],
      tables: [
        .init(space: "item", dimension: 3, hasWeight: true), .init(space: "slot", dimension: 0, hasWeight: true),
      ], options: ["hidden": [2]])
    let tensors = [ModelBlobs.TensorEntry(name: "mlp.0.weight", shape: [2, 3]), .init(name: "bias", shape: [])]
    let blobs = try BlobWriter(write, spec)
    blobs.set("definition", try [UInt8](JSONEncoder().encode(definition)))
    blobs.set("tensors", try [UInt8](JSONEncoder().encode(tensors)))
    blobs.set("config", Array("model: deepfm\nname: ctr\n".utf8))
    blobs.set("tensor/mlp.0.weight", bytes([1, 2, 3, 4, 5, denseNaN ? Float.nan : 6]))
    blobs.set("tensor/bias", bytes([Float(-0.5)]))
    blobs.set("decay/item", bytes([-0.2]))
    try blobs.flush()
  }

  static func bytes<Element: BitwiseCopyable>(_ values: [Element]) -> [UInt8] { values.withUnsafeBytes(Array.init) }

  static func id(_ string: String) -> ID { RowHash.salt(string) }

  @discardableResult
  func export(to name: String = "export", _ options: ExportOptions = .init(name: "best")) throws -> ExportManifest {
    try Exporter.export(
      store.snapshot(at: .name("best")), model: "ctr", to: scratch.path(name), options: options)
  }

  deinit { store.close() }
}
