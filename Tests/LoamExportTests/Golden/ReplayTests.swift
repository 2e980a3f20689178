import Foundation
import LoamSchema
import Testing

@testable import LoamExport

struct ReplayTests {
  @Test(arguments: [Set<ExportFormat>([.safetensors]), [.onnx], [.safetensors, .onnx]])
  func `requests of every kind of field get their scores again from the files alone`(_ formats: Set<ExportFormat>)
    throws
  {
    let scored = try ScoredStore()
    try scored.train()
    let manifest = try scored.export(.init(formats: formats, goldenRequests: 90))
    let golden = try #require(manifest.golden)
    #expect((golden.log, golden.rows) == ("valid", 90))
    let report = try ExportVerifier.verify(scored.scratch.path("export"))
    #expect(report.isSound, "\(report.problems)")
    let replay = try #require(report.replay)
    #expect(replay.rows == 90 && replay.largestDifference <= golden.tolerance)
  }

  @Test func `the card tells the logs, the graphs, the requests, and what fewer bits cost`() throws {
    let scored = try ScoredStore()
    try scored.train()
    let manifest = try scored.export(.init(formats: [.safetensors, .onnx], rows: .int8))
    #expect(manifest.logs?.map(\.name) == ["train", "valid"])
    let card = String(decoding: scored.scratch.bytes(of: "export/README.md"), as: UTF8.self)
    for part in [
      "| train | 300 | 2023-11-14T22:13:20Z | 2023-11-14T22:18:19Z | `", "## Metrics by slice",
      "| slice | rows | accuracy | auc |", "| valid/click/count(user)=", "| trained by | loam ", "## Vectors in I8",
      "| click | auc | ", "| `model.onnx` | IDs | 17 | none |",
      "100 rows of the log valid",
    ] {
      #expect(card.contains(part), "\(part) is not in the card")
    }
  }

  @Test func `a model that reads events one by one replays too`() throws {
    let scored = try ScoredStore()
    try scored.train("din", labels: "[click]", "network: {target: item, hidden: [6], attention_hidden: [4]}")
    let manifest = try scored.export(.init(formats: [.onnx]))
    #expect(manifest.graphs?.map(\.form) == [.network])
    #expect(try ExportVerifier.verify(scored.scratch.path("export")).replay?.rows == 100)
  }

  @Test func `another weight than the one that scored is found, though every digest is right`() throws {
    let scored = try ScoredStore()
    try scored.train()
    var manifest = try scored.export()
    let name = "export/dense.safetensors"
    var bytes = scored.scratch.bytes(of: name)
    // The last tensor of the file is one of the first order's; a sign more or less changes every score.
    bytes[bytes.count - 1] ^= 0x80
    scored.scratch.write(bytes, to: name)
    let place = try #require(manifest.files.firstIndex { $0.name == "dense.safetensors" })
    manifest.files[place].sha256 = try InputFile(scored.scratch.path(name)).digest().sha256
    scored.scratch.write(manifest.encoded(), to: "export/manifest.json")
    let report = try ExportVerifier.verify(scored.scratch.path("export"))
    #expect(report.problems.count == 1 && report.replay == nil)
    #expect(report.problems.first?.contains("its replay") == true, "\(report.problems)")
    let error = #expect(throws: ExportError.self) { try Replay.run(scored.scratch.path("export"), manifest) }
    #expect(error?.code == "export.does-not-replay")
  }

  @Test func `no requests are asked for: none are written`() throws {
    let scored = try ScoredStore()
    try scored.train("lr", labels: "[click]", "epochs: 1")
    let manifest = try scored.export(.init(goldenRequests: 0))
    #expect(manifest.golden == nil && !manifest.files.contains { $0.name == GoldenFile.name })
    #expect(try ExportVerifier.verify(scored.scratch.path("export")).isSound)
  }

  @Test func `the same requests are drawn whatever the shards`() throws {
    var found: [[UInt8]] = []
    for shards in [1, 3] {
      let scored = try ScoredStore(shards: shards)
      try scored.train("lr", labels: "[click]", "epochs: 1")
      let manifest = try scored.export(.init(goldenRequests: 20))
      let path = scored.scratch.path("export/golden.safetensors")
      let golden = try GoldenFile(at: path, manifest.definition, rows: 20)
      found.append(SortedJSON.bytes(of: golden.requests.fields["user"]!.ids))
    }
    #expect(found[0] == found[1])
  }

  @Test func `tables beyond the limit lie beside the graph, each tensor at a page`() throws {
    let scored = try ScoredStore()
    try scored.train()
    var options = ExportOptions(formats: [.onnx])
    options.graphBytesMax = 0
    let manifest = try scored.export(options)
    let graph = try #require(manifest.graphs?.last)
    #expect(graph.form == .selfContained && graph.data == "model.onnx.data")
    let bytes = scored.scratch.bytes(of: "export/model.onnx.data")
    let golden = try GoldenFile(
      at: scored.scratch.path("export/golden.safetensors"), manifest.definition, rows: manifest.golden!.rows)
    let users = try #require(golden.tables.first { $0.space == "user" })
    // The first tensor: IDs as signed numbers, ascending.
    let count = try #require(try scored.store.snapshot().record.tables["embedding:m/user"]).rows
    let ids = bytes.prefix(Int(count) * 8).withUnsafeBytes { Array($0.bindMemory(to: Int64.self)) }
    #expect(ids == ids.sorted() && Set(ids).isSuperset(of: users.ids.map { Int64(bitPattern: $0) }))
    #expect(try ExportVerifier.verify(scored.scratch.path("export")).isSound)
  }

  @Test func `the self-contained form of a model that reads sequences is refused`() throws {
    let scored = try ScoredStore()
    try scored.train("din", labels: "[click]", "network: {target: item, hidden: [6]}")
    let error = #expect(throws: ExportError.self) {
      try scored.export(.init(formats: [.onnx], graphs: [.selfContained]))
    }
    #expect(error?.code == "export.unsupported" && error?.hint?.contains("network") == true)
    #expect(!FileManager.default.fileExists(atPath: scored.scratch.path("export")))
  }
}
