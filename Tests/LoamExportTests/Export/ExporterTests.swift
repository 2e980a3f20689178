import Foundation
import LoamQuery
import LoamSchema
import LoamStore
import Testing

@testable import LoamExport

struct ExporterTests {
  static func elements<Element: BitwiseCopyable>(_ path: String, _ name: String, of type: Element.Type) throws
    -> [Element]
  {
    let reader = try SafetensorsReader(at: path)
    let tensor = reader.tensor(name)
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: try #require(tensor).range.count, alignment: 8)
    defer { bytes.deallocate() }
    try reader.read(tensor!, into: bytes)
    return Array(bytes.bindMemory(to: type))
  }

  @Test func `rows are bit for bit what a lookup gives, decay settled`() throws {
    let trained = try TrainedStore()
    try trained.export()
    let path = trained.scratch.path("export/table.item.safetensors")
    let ids = try Self.elements(path, "ids", of: ID.self)
    let rows = try Self.elements(path, "rows", of: Float.self)
    let weights = try Self.elements(path, "weight", of: Float.self)
    let reader = try #require(try EmbeddingReader(trained.store.snapshot(), model: "ctr", space: "item"))
    #expect(ids.count == TrainedStore.items.count + 2)
    for (index, id) in ids.enumerated() {
      let vector = try #require(try reader.vector(of: id))
      #expect(rows[(index * 3)..<(index * 3 + 3)].map(\.bitPattern) == vector.map(\.bitPattern))
      #expect(weights[index].bitPattern == (try reader.values("weight", [reader.row(of: id)]))[0].bitPattern)
    }
    let kettle = try #require(ids.firstIndex(of: TrainedStore.id("kettle")))
    #expect(weights[kettle] == 6 * Float(exp(-0.2 + 0.06)))
  }

  @Test func `rows come in ascending order of ID, missing last`() throws {
    let trained = try TrainedStore()
    let manifest = try trained.export()
    let ids = try Self.elements(trained.scratch.path("export/table.slot.safetensors"), "ids", of: ID.self)
    #expect(ids == [1, 2, 3, 1 << 63, .unknown, .missing])
    let table = try #require(manifest.tables.last)
    #expect((table.space, table.unknownRow, table.missingRow, table.dimension) == ("slot", 4, 5, 0))
  }

  @Test func `tensors do not depend on the number of shards`() throws {
    let (one, three) = (try TrainedStore(shards: 1), try TrainedStore(shards: 3))
    for trained in [one, three] { try trained.export() }
    for file in ["item", "slot"].map({ "export/table.\($0).safetensors" }) {
      let readers = try [one, three].map { try SafetensorsReader(at: $0.scratch.path(file)) }
      #expect(readers[0].header.tensors == readers[1].header.tensors)
      for tensor in readers[0].header.tensors {
        #expect(
          try Self.elements(one.scratch.path(file), tensor.name, of: UInt8.self)
            == Self.elements(three.scratch.path(file), tensor.name, of: UInt8.self))
      }
    }
  }

  @Test func `a space of strings has its dictionary, one of integers has none`() throws {
    let trained = try TrainedStore()
    let manifest = try trained.export()
    #expect(manifest.tables.map(\.hasDictionary) == [true, false])
    let path = trained.scratch.path("export/table.item.safetensors")
    let ids = try Self.elements(path, "ids", of: ID.self)
    let bytes = try Self.elements(path, "dictionary.bytes", of: UInt8.self)
    let offsets = try Self.elements(path, "dictionary.offsets", of: Int64.self).map { Int($0) }
    let strings = ids.indices.map { String(decoding: bytes[offsets[$0]..<offsets[$0 + 1]], as: UTF8.self) }
    #expect(strings.dropLast(2).map(TrainedStore.id) == ids.dropLast(2))
    #expect(Set(strings) == Set(TrainedStore.items + [""]))
  }

  @Test func `dense tensors have their names, shapes and values`() throws {
    let trained = try TrainedStore()
    try trained.export()
    let path = trained.scratch.path("export/dense.safetensors")
    #expect(try Self.elements(path, "mlp.0.weight", of: Float.self) == [1, 2, 3, 4, 5, 6])
    #expect(try SafetensorsReader(at: path).tensor("mlp.0.weight")?.shape == [2, 3])
    #expect(try SafetensorsReader(at: path).tensor("bias")?.shape == [])
  }

  @Test func `the manifest tells where the model came from`() throws {
    let trained = try TrainedStore()
    let manifest = try trained.export()
    let record = try trained.store.snapshot().record
    #expect(manifest.storeID == trained.store.identity.storeID)
    #expect((manifest.version, manifest.parent, manifest.name) == (record.version, record.parent, "best"))
    #expect((manifest.root, manifest.note) == (record.root.description, "epoch 1"))
    #expect((manifest.schema, manifest.config) == ("name: ads\n", "model: deepfm\nname: ctr\n"))
    #expect(manifest.metrics == ["valid/auc": 0.75])
    #expect(manifest.tables[0].root == record.tables["embedding:ctr/item"]?.root.description)
    let bytes = trained.scratch.bytes(of: "export/manifest.json")
    #expect(try ExportManifest(decoding: bytes, from: "") == manifest)
  }

  @Test func `the model card has front matter, metrics and a way to load`() throws {
    let trained = try TrainedStore()
    try trained.export(to: "export", .init(name: "best", license: "CC-BY-4.0"))
    let card = String(decoding: trained.scratch.bytes(of: "export/README.md"), as: UTF8.self)
    #expect(card.hasPrefix("---\nlibrary_name: loam\nlicense: \"CC-BY-4.0\"\n"))
    for part in ["| valid/auc | 0.75 |", "load_file(\"table.item.safetensors\")", "model: deepfm", "(`best`)"] {
      #expect(card.contains(part), "\(part) is not in the card")
    }
  }

  @Test func `a version that others published later has the model's metrics all the same`() throws {
    let trained = try TrainedStore()
    let write = try trained.store.begin([TableSpec(TableName(.ids, "other"))])
    _ = try write.publish(.init(metrics: ["ingest/rows": 1]))
    let manifest = try Exporter.export(trained.store.snapshot(), model: "ctr", to: trained.scratch.path("late"))
    #expect(manifest.metrics == ["valid/auc": 0.75])
    #expect(try ExportVerifier.verify(trained.scratch.path("late")).isSound)
  }
}
