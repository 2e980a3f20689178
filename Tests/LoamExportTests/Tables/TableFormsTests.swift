import Foundation
import LoamQuery
import LoamSchema
import Testing

@testable import LoamExport

struct TableFormsTests {
  @Test(arguments: RowForm.allCases) func `an export of any form is sound, replays, and tells how far scores moved`(
    _ form: RowForm
  ) throws {
    let scored = try ScoredStore()
    try scored.train()
    let manifest = try scored.export(.init(formats: [.safetensors, .onnx], rows: form))
    #expect(manifest.tables.allSatisfy { $0.dtype == form.type.rawValue })
    let report = try ExportVerifier.verify(scored.scratch.path("export"))
    #expect(report.isSound && report.replay?.rows == 100, "\(report.problems)")
    #expect((manifest.drift == nil) == (form == .f32))
    guard let drift = manifest.drift else { return }
    #expect((drift.log, drift.rows) == ("valid", ScoredStore.rows))
    #expect(drift.mean > 0 && drift.mean <= drift.largest && drift.largest < 0.05)
    #expect(drift.tasks.map(\.label) == ["click", "spend", "colour"])
    #expect(abs(drift.tasks[0].f32["auc"]! - drift.tasks[0].stored["auc"]!) < 0.01)
  }

  @Test(arguments: [RowForm.f32, .int8])
  func `a large table is cut into files between rows, and every row is found in them`(
    _ form: RowForm
  ) throws {
    let scored = try ScoredStore()
    try scored.train()
    var options = ExportOptions(rows: form)
    try scored.export(options, to: "whole")
    options.shardBytesMax = (1 << 16) + 400
    let manifest = try scored.export(options, to: "cut")
    let whole = try ExportVerifier.verify(scored.scratch.path("whole")).manifest
    for (table, other) in zip(manifest.tables, whole.tables) {
      let shards = try #require(table.shards)
      #expect(shards.count > 1 && shards.reduce(0) { $0 + $1.rows } == table.rows)
      #expect(shards[0].file == "table.\(table.space)-00001-of-0000\(shards.count).safetensors")
      #expect(table.vectorRoot == other.vectorRoot && other.shards == nil)
      let (cut, one) = (
        try TableFile(scored.scratch.path("cut"), table), try TableFile(scored.scratch.path("whole"), other)
      )
      for id in [ID.missing, .unknown, 0, 5, 19, 29, 1 << 63, (1 << 63) + 7] {
        let (a, b) = (try cut.row(of: id), try one.row(of: id))
        #expect(a?.vector == b?.vector && a?.weight == b?.weight)
      }
    }
    let report = try ExportVerifier.verify(scored.scratch.path("cut"))
    #expect(report.isSound && report.replay != nil, "\(report.problems)")
  }

  @Test func `files of one table in another order, or with other rows than it has, are damage`() throws {
    let scored = try ScoredStore()
    try scored.train()
    var options = ExportOptions()
    options.shardBytesMax = (1 << 16) + 400
    var manifest = try scored.export(options)
    let place = try #require(manifest.tables.firstIndex { $0.space == "item" })
    manifest.tables[place].shards!.swapAt(0, 1)
    scored.scratch.write(manifest.encoded(), to: "export/manifest.json")
    #expect(try !ExportVerifier.verify(scored.scratch.path("export")).isSound)
    manifest.tables[place].shards!.swapAt(0, 1)
    for index in manifest.tables[place].shards!.indices { manifest.tables[place].shards![index].rows = .max }
    scored.scratch.write(manifest.encoded(), to: "export/manifest.json")
    #expect(try !ExportVerifier.verify(scored.scratch.path("export")).isSound)
  }
}
