import Foundation
import LoamPack
import LoamQuery
import LoamSchema
import LoamStore
import Testing

@testable import LoamExport

struct PackExporterTests {
  private func pack(
    _ trained: TrainedStore, to name: String = "pack", _ options: PackOptions = PackOptions(name: "best")
  ) throws -> FrozenPack {
    try PackExporter.export(
      trained.store.snapshot(at: .name("best")), model: "ctr", to: trained.scratch.path(name), options: options)
    return try FrozenPack(at: trained.scratch.path(name), checksDigest: true)
  }

  private func rows(_ table: PackTable, _ name: String, _ ids: [ID]) throws -> [Float] {
    let column = try table.column(name)
    var values = [Float](repeating: -1, count: ids.count * column.width)
    ids.withUnsafeBufferPointer { ids in
      values.withUnsafeMutableBufferPointer { table.lookup(ids, column: column, into: $0) }
    }
    return values
  }

  @Test func `a pack holds to the bit what a lookup in the store answers, decay settled`() throws {
    let trained = try TrainedStore()
    let pack = try pack(trained)
    let snapshot = try trained.store.snapshot(at: .name("best"))
    for (space, columns) in [("item", ["vector", "weight"]), ("slot", ["weight"])] {
      let table = try pack.table(space)
      let reader = try #require(try EmbeddingReader(snapshot, model: "ctr", space: space))
      var ids: [ID] = []
      try reader.table.forEachRow { _, id in ids.append(id) }
      #expect(table.rowCount == ids.count && table.columns.map(\.name) == columns)
      for column in columns {
        #expect(try rows(table, column, ids) == reader.values(column, try reader.table.find(ids)))
      }
      // An ID that the model never admitted reads the row of unknown.
      #expect(try rows(table, columns[0], [77]) == rows(table, columns[0], [.unknown]))
      #expect(table.missing != nil && table.unknown != nil)
    }
  }

  @Test func `dense tensors, definition, config and schema are in it, and the manifest names its origin`() throws {
    let trained = try TrainedStore()
    let pack = try pack(trained)
    #expect(try pack.tensor("mlp.0.weight") == [1, 2, 3, 4, 5, 6])
    #expect(try pack.tensor("bias") == [-0.5])
    let definition = try JSONDecoder().decode(ModelDefinition.self, from: Data(try #require(pack.blob("definition"))))
    #expect(definition.architecture == "deepfm")
    #expect(pack.blob("config") == Array("model: deepfm\nname: ctr\n".utf8))
    #expect(pack.blob("schema") == Array("name: ads\n".utf8))
    let record = try trained.store.snapshot(at: .name("best")).record
    #expect(pack.manifest.root == record.root.description && pack.manifest.name == "best")
    #expect(pack.manifest.tables.map(\.rows) == [7, 6])
    #expect(pack.manifest.tables[0].root == record.tables["embedding:ctr/item"]?.root.description)
  }

  @Test func `the same rows lie in the same order for any number of shards, and a version gives the same bytes`() throws
  {
    let ids = try [1, 2, 3, 5].map { shards in
      let trained = try TrainedStore(shards: shards)
      let pack = try pack(trained)
      #expect(try self.pack(trained, to: "again").manifest == pack.manifest)
      let table = try pack.table("item")
      var ids = [ID](repeating: 0, count: table.rowCount)
      ids.withUnsafeMutableBufferPointer { table.ids(into: $0) }
      return ids
    }
    #expect(Set(ids).count == 1 && Set(ids[0]).count == ids[0].count)
  }

  @Test func `rows come in the order of hashes however few are sorted at once`() throws {
    let scratch = Scratch()
    let store = try Store.create(
      at: scratch.path("store"),
      options: StoreOptions(shards: 3, shardMapBytes: 64 << 20, catalogMapBytes: 16 << 20))
    defer { store.close() }
    let spec = TableSpec(TableName(.embedding, "m/x"), columns: [ColumnSpec("weight", .f32)])
    let write = try store.begin([spec])
    let table = try IDTableWriter(write, spec)
    let ids = (0..<ID(5_000)).map { $0 &* 0x9E37_79B9_7F4A_7C15 }
    for id in ids { _ = try table.findOrInsert(id) }
    try table.flush()
    try write.publish()
    let reader = try #require(try IDTableReader(try store.snapshot(), spec.name))
    for seed in [0, PackIndex.seed(attempt: 1)] {
      let expected = ids.sorted { PackIndex.hash($0, seed: seed) < PackIndex.hash($1, seed: seed) }
      for rowsAtOnce in [100, 1_999, 1 << 20] {
        var found: [ID] = []
        let order = PackOrder(reader, seed: seed, rowsAtOnce: rowsAtOnce)
        try order.forEachPiece(rows: 64) { ids, rows throws(ExportError) in
          for (id, row) in zip(ids, rows) {
            #expect((try? reader.id(of: row)) == id)
            found.append(id)
          }
        }
        #expect(found == expected)
      }
    }
  }

  @Test func `narrower rows are within the precision of their type`() throws {
    let trained = try TrainedStore()
    let ids = TrainedStore.items.map(TrainedStore.id)
    let exact = try rows(try pack(trained).table("item"), "vector", ids)
    for (type, precision) in [(PackType.f16, Float(0x1p-11)), (.bf16, 0x1p-8), (.i8, 0.5 / 127)] {
      let table = try pack(trained, to: type.name, PackOptions(type: type)).table("item")
      #expect(try table.column("vector").type == type)
      #expect(try table.column("weight").type == .f32)
      let found = try rows(table, "vector", ids)
      for row in ids.indices {
        let largest = exact[row * 3..<row * 3 + 3].map(abs).max()!
        for element in row * 3..<row * 3 + 3 {
          let scale = type == .i8 ? largest : abs(exact[element])
          #expect(abs(found[element] - exact[element]) <= scale * precision * 1.001)
        }
      }
    }
  }

  @Test func `every type rounds to nearest, and a row of int8 hits its largest element`() {
    let values: [Float] = [0, 1, -2, 0.1, 65_504, 3e-8, 1 / 3, -0.7]
    for (type, stored) in [(PackType.f16, 8 * 2), (.bf16, 8 * 2), (.f32, 8 * 4), (.i8, 8 + 4)] {
      var encoder = PackRowEncoder(type, width: 8)
      #expect(encoder.encode(values) == nil)
      #expect(encoder.bytes.count == stored)
    }
    var encoder = PackRowEncoder(.i8, width: 4)
    #expect(encoder.encode([0, 0, 0, 0, 1, -4, 2, 0.01]) == nil)
    #expect(encoder.bytes.prefix(8) == [0, 0, 0, 0, 0, 0, 0, 0])
    #expect(encoder.bytes[8..<12].map { Int8(bitPattern: $0) } == [32, -127, 64, 0])
    // Whatever stands behind it in the row: what is not finite is not finite again.
    for row: [Float] in [[.nan, 1, 2, 3], [1, .nan, 0, 0], [.infinity, .nan, 1, 1], [0, 1, -.infinity, 2]] {
      #expect(encoder.encode(row) != nil)
      let scale = encoder.bytes[4..<8].withUnsafeBytes { $0.loadUnaligned(as: Float.self) }
      #expect(!scale.isFinite, "\(row)")
    }
    // The smallest numbers there are: a scale that is none makes zeros of them.
    #expect(encoder.encode([.leastNonzeroMagnitude, 0, 0, 0]) == nil)
    #expect(encoder.bytes.allSatisfy { $0 == 0 })
  }

  @Test func `NaN is refused with table and ID, as is what f16 cannot hold, and can be allowed`() throws {
    let trained = try TrainedStore(nonfinite: true)
    let error = #expect(throws: ExportError.self) { try pack(trained) }
    #expect(error?.code == "export.nonfinite" && error?.message.contains("embedding:ctr/item") == true)
    #expect(trained.scratch.entries == ["store"])
    let allowed = try pack(trained, to: "allowed", PackOptions(allowsNonfinite: true))
    #expect(try rows(try allowed.table("item"), "weight", [TrainedStore.id("spoon")])[0].isNaN)

    var encoder = PackRowEncoder(.f16, width: 2)
    #expect(encoder.encode([1, 2, 3, 70_000]) == 3)
    encoder = PackRowEncoder(.i8, width: 2)
    #expect(encoder.encode([1, .nan]) == 1)
  }

  @Test func `a signed pack opens with its key alone`() throws {
    let trained = try TrainedStore()
    // The first key of RFC 8032, 7.1.
    let key = try PackSigningKey(
      pem: "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
        + "-----END PRIVATE KEY-----\n")
    let publicKey = try PackPublicKey(
      pem: "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
        + "-----END PUBLIC KEY-----\n")
    _ = try pack(trained, PackOptions(signingKey: key))
    let signed = trained.scratch.path("pack")
    #expect(try FrozenPack(at: signed, signedBy: publicKey).manifest.model == "ctr")
    #expect(trained.scratch.bytes(of: "pack/manifest.sig").count == 64)
  }

  @Test func `an unknown model and a directory with content are refused, and nothing is left`() throws {
    let trained = try TrainedStore()
    let snapshot = try trained.store.snapshot()
    let error = #expect(throws: ExportError.self) {
      try PackExporter.export(snapshot, model: "ctl", to: trained.scratch.path("pack"))
    }
    #expect(error?.code == "export.unknown-model")
    #expect(#expect(throws: ExportError.self) { try pack(trained, to: "store") }?.code == "export.exists")
    #expect(trained.scratch.entries == ["store"])
  }
}
