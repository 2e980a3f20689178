import Foundation
import LoamStore
import Testing

@testable import LoamExport

struct ExporterRefusalTests {
  private func code(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch { return (error as? ExportError)?.code }
  }

  @Test func `a directory with content is refused and stays as it is`() throws {
    let trained = try TrainedStore()
    try FileManager.default.createDirectory(atPath: trained.scratch.path("export"), withIntermediateDirectories: true)
    trained.scratch.write([1], to: "export/mine")
    #expect(code { try trained.export() } == "export.exists")
    #expect(trained.scratch.entries == ["export", "store"])
    #expect(trained.scratch.bytes(of: "export/mine") == [1])
  }

  @Test func `an empty directory is taken`() throws {
    let trained = try TrainedStore()
    try FileManager.default.createDirectory(atPath: trained.scratch.path("export"), withIntermediateDirectories: true)
    try trained.export(to: "export/")
    #expect(try ExportVerifier.verify(trained.scratch.path("export")).isSound)
    #expect(trained.scratch.entries == ["export", "store"])
  }

  @Test func `a file, a link to a directory, and a place that is not there are refused`() throws {
    let trained = try TrainedStore()
    trained.scratch.write([1], to: "file")
    symlink(trained.scratch.path("store"), trained.scratch.path("link"))
    #expect(code { try trained.export(to: "file") } == "export.exists")
    #expect(code { try trained.export(to: "link") } == "export.exists")
    #expect(code { try trained.export(to: "absent/export") } == "export.missing")
    #expect(code { try trained.export(to: "..") } == "export.exists")
    #expect(trained.scratch.entries == ["file", "link", "store"])
  }

  @Test func `a directory that fills up meanwhile is not replaced`() throws {
    let scratch = Scratch()
    var output = try OutputDirectory(at: scratch.path("out"))
    scratch.write([1], to: "\(output.path(for: "a").dropFirst(scratch.path.count + 1))")
    try FileManager.default.createDirectory(atPath: scratch.path("out"), withIntermediateDirectories: false)
    scratch.write([2], to: "out/b")
    do {
      try output.publish()
      Issue.record("it was replaced")
    } catch { #expect(error.code == "export.exists") }
    _ = consume output
    #expect(scratch.entries == ["out"])
    #expect(scratch.bytes(of: "out/b") == [2])
  }

  @Test func `an unknown model is answered with the nearest known one`() throws {
    let trained = try TrainedStore()
    let snapshot = try trained.store.snapshot()
    let error = try #require(throws: ExportError.self) {
      try Exporter.export(snapshot, model: "ctl", to: trained.scratch.path("export"))
    }
    #expect(error.code == "export.unknown-model")
    #expect(error.hint == "Did you mean ctr?")
    #expect(trained.scratch.entries == ["store"])
  }

  @Test func `NaN is refused with table and ID, nothing is left, and can be allowed`() throws {
    let trained = try TrainedStore(nonfinite: true)
    let error = try #require(throws: ExportError.self) { try trained.export() }
    #expect(error.code == "export.nonfinite")
    #expect(error.message.contains("embedding:ctr/item"))
    #expect(TrainedStore.items.contains { error.message.contains("ID \(TrainedStore.id($0)) ") })
    #expect(trained.scratch.entries == ["store"])
    let manifest = try trained.export(to: "allowed", .init(allowsNonfinite: true))
    #expect(manifest.tables[0].nonfinite == TrainedStore.items.count)
    #expect(try ExportVerifier.verify(trained.scratch.path("allowed")).isSound)
  }

  @Test func `NaN in a dense tensor is refused with its name`() throws {
    let trained = try TrainedStore(denseNaN: true)
    let error = try #require(throws: ExportError.self) { try trained.export() }
    #expect(error.code == "export.nonfinite" && error.message.contains("mlp.0.weight"))
    #expect(trained.scratch.entries == ["store"])
  }
}
