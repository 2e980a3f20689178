import Foundation
import LoamExport
import LoamQuery
import LoamSchema
import LoamStore
import Testing

@testable import LoamImport

@Suite struct RoundTripTests {
  private static let rows = 5_000

  /// A model whose table has initial rows, trained rows and the two reserved ones.
  private func exported() throws -> (ImportStore, directory: String, root: Root) {
    let importing = try ImportStore(shards: 3)
    let specs = [
      TableSpec(
        TableName(.embedding, "ctr/word"),
        columns: [ColumnSpec("vector", .f32, width: 16, initial: .normal(deviation: 0.1, seed: 5))]),
      TableSpec(TableName(.ids, "word")), TableSpec(TableName(.model, "ctr")),
    ]
    let write = try importing.store.begin(specs)
    let (table, names) = (try IDTableWriter(write, specs[0]), try IDTableWriter(write, specs[1]))
    for number in 0..<Self.rows {
      let word = "Wort \(number) 🫖"
      _ = try names.findOrInsert(RowHash.salt(word), string: word)
      let row = try table.findOrInsert(RowHash.salt(word))
      if number % 3 > 0 { try table.mutableRow(0, row).storeBytes(of: Float(number), as: Float.self) }
    }
    for id in [ID.unknown, .missing] { _ = try table.findOrInsert(id) }
    for table in [table, names] { try table.flush() }
    let definition = ModelDefinition(
      name: "ctr", architecture: "fm", labels: ["click"], fields: [.init(name: "word", table: 0)],
      tables: [.init(space: "word", dimension: 16, hasWeight: false)])
    let blobs = try BlobWriter(write, specs[2])
    blobs.set("definition", try [UInt8](JSONEncoder().encode(definition)))
    blobs.set("tensors", Array("[]".utf8))
    try blobs.flush()
    try write.publish()
    let snapshot = try importing.store.snapshot()
    let manifest = try Exporter.export(snapshot, model: "ctr", to: importing.path + "/export")
    let root = try IDTableReader(snapshot, specs[0].name)!.contentRoot(of: "vector")
    #expect(manifest.tables[0].vectorRoot == root.description)
    return (importing, importing.path + "/export", root)
  }

  @Test func `an exported table comes back with the same root of its vectors`() throws {
    let (source, directory, root) = try exported()
    let target = try ImportStore(shards: 2)
    let report = try target.take(directory + "/table.word.safetensors", ImportOptions(table: "back/word"))
    #expect(report.rows == Self.rows + 2)
    #expect(report.vectorRoot == root)
    let reader = try #require(try target.reader("back/word"))
    #expect(try reader.table.contentRoot(of: "vector") == root)
    let names = try #require(try IDTableReader(target.store.snapshot(), TableName(.ids, "word")))
    #expect(try names.string(of: names.find(RowHash.salt("Wort 7 🫖"))) == "Wort 7 🫖")
    #expect(try source.vector("ctr/word", ID.unknown) == target.vector("back/word", ID.unknown))
  }

  @Test func `a table that was imported exports alone, and comes back the same`() throws {
    let (source, directory, root) = try exported()
    let (middle, target) = (try ImportStore(), try ImportStore(shards: 3))
    try middle.take(directory + "/table.word.safetensors", ImportOptions(table: "back/word"))
    let snapshot = try middle.store.snapshot()
    let manifest = try Exporter.export(snapshot, table: "back/word", to: source.path + "/alone")
    #expect(manifest.tables[0].vectorRoot == root.description && manifest.dense == nil && manifest.golden == nil)
    #expect(try ExportVerifier.verify(source.path + "/alone").isSound)
    let report = try target.take(source.path + "/alone/table.word.safetensors", ImportOptions(table: "again/word"))
    #expect(report.vectorRoot == root)
    let error = #expect(throws: ExportError.self) {
      try Exporter.export(snapshot, table: "back/wort", to: source.path + "/other")
    }
    #expect(error?.code == "export.unknown-table" && error?.hint == "Did you mean back/word?")
  }

  @Test func `an import that may hold little in memory stores the same`() throws {
    let (rows, width) = (60_000, 16)
    let header = "\(rows) \(width)\n"
    var bytes = Array(header.utf8)
    for row in 0..<rows {
      bytes += Array("w\(row) ".utf8)
      for element in 0..<width { withUnsafeBytes(of: Float(row * width + element)) { bytes += $0 } }
    }
    var roots: [Root] = []
    for limit in [nil, 1 << 20] as [Int?] {
      let target = try ImportStore()
      let report = try target.take(
        target.file("vectors.bin", bytes), ImportOptions(table: "w2v/word", dirtyBytesMax: limit))
      let snapshot = try target.store.snapshot()
      roots.append(try #require(snapshot.record.tables["embedding:w2v/word"]).root)
      #expect(try target.vector("w2v/word", "w4711") == (0..<width).map { Float(4711 * width + $0) })
      let problems = try target.store.verify([.latest]).problems
      #expect(report.rows == rows && problems.isEmpty)
    }
    #expect(roots[0] == roots[1])
  }

  @Test func `an export in fewer bits comes back with the root that its manifest names`() throws {
    let (source, _, _) = try exported()
    for form in RowForm.allCases {
      let directory = source.path + "/\(form)"
      let manifest = try Exporter.export(
        source.store.snapshot(), model: "ctr", to: directory, options: ExportOptions(rows: form, goldenRequests: 0))
      let target = try ImportStore()
      let report = try target.take(directory + "/table.word.safetensors", ImportOptions(table: "back/word"))
      #expect(report.vectorRoot.description == manifest.tables[0].vectorRoot, "\(form)")
      let exact = try #require(try source.vector("ctr/word", "Wort 8 🫖"))
      let back = try #require(try target.vector("back/word", "Wort 8 🫖"))
      #expect(zip(exact, back).allSatisfy { abs($0 - $1) <= 8.0 / 127 }, "\(form)")
    }
  }

  @Test func `one row of an exported file is read without the rest`() throws {
    let (source, directory, _) = try exported()
    let id = RowHash.salt("Wort 4242 🫖")
    // example: one-row
    let reader = try SafetensorsReader(at: directory + "/table.word.safetensors")
    let vector = try reader.row(of: id)  // nil: the table has no such ID
    // end of example
    #expect(try vector == source.vector("ctr/word", id))
    #expect(try reader.row(of: 12_345) == nil)
    #expect(try reader.row(of: .missing) == source.vector("ctr/word", ID.missing))
  }
}
