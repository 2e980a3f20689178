import LoamQuery
import LoamSchema
import LoamStore
import Testing

@testable import LoamExport

struct SortedRowsTests {
  private static let name = TableName(.embedding, "ctr/item")

  /// A table whose rows hold the number of their ID in the list.
  private func store(_ scratch: Scratch, _ ids: [ID], shards: Int) throws -> Store {
    let store = try Store.create(
      at: scratch.path("store-\(shards)"),
      options: StoreOptions(shards: shards, shardMapBytes: 64 << 20, catalogMapBytes: 16 << 20))
    let spec = TableSpec(Self.name, columns: [ColumnSpec("vector", .f32, width: 4)])
    let write = try store.begin([spec])
    let table = try IDTableWriter(write, spec)
    for (number, id) in ids.enumerated() {
      let row = try table.mutableRow(0, try table.findOrInsert(id)).assumingMemoryBound(to: Float.self)
      for element in 0..<4 { row[element] = Float(number + element) }
    }
    // A slot without a row.
    try table.remove(ids[1])
    try table.flush()
    try write.publish()
    return store
  }

  /// Small and large ones, of the same and of other bytes, the reserved ones last.
  private static let ids: [ID] = {
    var generator = SeededGenerator(seed: 3)
    let random = (0..<30_000).map { _ in ID(generator.next()) >> ID(generator.next() % 60) }
    return Array(Set(random + (0..<500).map { ID($0) << 40 } + [.missing, .unknown, 0, 1, ID(1) << 63]))
  }()

  @Test(arguments: [1, 3]) func `IDs ascend, and each has its own row`(_ shards: Int) throws {
    let scratch = Scratch()
    let store = try self.store(scratch, Self.ids, shards: shards)
    defer { store.close() }
    let reader = try #require(try IDTableReader(store.snapshot(), Self.name))
    let rows = try SortedRows(reader, threads: 2)
    #expect(rows.ids == (Self.ids.prefix(1) + Self.ids.dropFirst(2)).sorted())
    #expect(try rows.references == reader.find(rows.ids))
  }

  @Test func `files are the same for any number of threads and shards, in parts and whole`() throws {
    let scratch = Scratch()
    for form in RowForm.allCases {
      var found: Set<[String]> = []
      for (shards, threads) in [(1, 1), (3, 3)] {
        let store =
          form == .f32
          ? try self.store(scratch, Self.ids, shards: shards)
          : try Store.open(at: scratch.path("store-\(shards)"), for: .read)
        defer { store.close() }
        var options = ExportOptions(rows: form, threads: threads)
        options.shardBytesMax = 400_000
        let directory = scratch.path("\(form)-\(shards)")
        let manifest = try Exporter.export(store.snapshot(), table: "ctr/item", to: directory, options: options)
        #expect(try ExportVerifier.verify(directory).isSound)
        #expect(manifest.tables[0].fileNames.count > 1)
        let vectors = try #require(manifest.tables[0].vectorRoot)
        // Metadata names the store, so the content alone is compared.
        var content = [vectors]
        for file in manifest.tables[0].fileNames {
          let reader = try SafetensorsReader(at: "\(directory)/\(file)")
          for tensor in reader.header.tensors {
            var bytes: [UInt8] = []
            try reader.forEachPiece(of: tensor) { (_, piece) throws(ExportError) in bytes += piece }
            content.append("\(tensor.name) \(bytes.count) \(bytes.reduce(UInt64(7)) { $0 &* 31 &+ UInt64($1) })")
          }
        }
        found.insert(content)
      }
      #expect(found.count == 1, "\(form)")
    }
  }
}
