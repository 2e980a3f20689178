import Foundation
import Loam
import Testing

/// The example of README.md, run as it stands there.
struct LibraryExampleTests {
  @Test func `the library example ingests, trains, looks up and exports`() throws {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("loam-example-\(UUID())").path
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let file = { (name: String) in "\(directory)/\(name)" }
    var log = "user,item,click\n"
    for row in 0..<2_000 { log += "\(row % 50),\(row * 7 % 31),\(row % 50 + row * 7 % 31 < 30 ? 1 : 0)\n" }
    try log.write(toFile: file("train.csv"), atomically: true, encoding: .utf8)

    // example: library
    let text = "{schema: 1, name: ads, format: csv, labels: [click], ids: [user, {name: item, kind: integer}]}"
    let schema = try Schema.parse(yaml: text, file: "ads.yaml")
    let store = try Store.create(at: file("ads.loam"))
    try store.setSchemaText(text)
    let ingested = try Ingestor(store: store, schema: schema, options: .init(log: "train"))
      .run([.file(file("train.csv"))])
    let yaml = "{model: deepfm, name: ctr, label: click, train: train, epochs: 3, batch_size: 256}"
    let config = try ModelConfig(yaml: yaml, file: "ctr.yaml", schema: schema)
    let trained = try Trainer(store: store, schema: schema, config: config).run()
    let version = try store.snapshot(at: .number(trained.version))
    let vector = try EmbeddingReader(version, model: "ctr", space: "item")?.vector(of: 7)
    let manifest = try Exporter.export(version, model: "ctr", to: file("ctr-export"))
    // end of example

    // example: pack
    let frozen = try PackExporter.export(version, model: "ctr", to: file("ctr.pack"), options: .init(type: .f16))
    let pack = try FrozenPack(at: file("ctr.pack"))
    let items = try pack.table("item")
    let column = try items.column("vector")
    var vectors = [Float](repeating: 0, count: 2 * column.width)
    [7, 8].withUnsafeBufferPointer { ids in
      vectors.withUnsafeMutableBufferPointer { items.lookup(ids, column: column, into: $0) }
    }
    // end of example

    // example: sql
    let database = try SQLiteDatabase()
    let connection = try StoreConnection(database.handle, functions: SQLiteDatabase.functions)
    try connection.attach(version)
    let rows = try database.prepare("SELECT id, count FROM ids_item ORDER BY count DESC LIMIT 3").rows()
    // end of example

    #expect(frozen.tables.map(\.space) == ["user", "item"])
    #expect(vectors.count == 32 && zip(vectors, vector ?? []).allSatisfy { abs($0 - $1) <= abs($1) / 1_024 })
    #expect(rows.count == 3)
    #expect(ingested.rows == 2_000)
    #expect(vector?.count == 16)
    #expect(manifest.tables.map(\.space) == ["user", "item"])
    #expect(try ExportVerifier.verify(file("ctr-export")).isSound)
    store.close()
  }
}
