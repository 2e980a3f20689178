import Foundation
import LoamQuery
import Testing

@testable import LoamExport

/// The PyPI packages safetensors and numpy read what Loam wrote. Says so and ends where they are not installed;
/// LOAM_TEST_PYTHON names another interpreter.
struct ForeignReaderTests {
  private static let python = ProcessInfo.processInfo.environment["LOAM_TEST_PYTHON"] ?? "python3"
  private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../../tools/check-export.py").standardizedFileURL.resolvingSymlinksInPath().path

  private func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [Self.python] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, output)
  }

  @Test func `Python reads the same bits, and finds the same damage`() throws {
    guard try run(["-c", "import safetensors, numpy"]).status == 0 else {
      print("skipped: \(Self.python) has no safetensors and numpy (pip install safetensors numpy)")
      return
    }
    let trained = try TrainedStore()
    try trained.export()
    let directory = trained.scratch.path("export")
    let snapshot = try trained.store.snapshot()
    let reader = try #require(try EmbeddingReader(snapshot, model: "ctr", space: "item"))
    for item in TrainedStore.items {
      let vector = try #require(try reader.vector(of: TrainedStore.id(item)))
      let bits = vector.map { String(format: "%08x", $0.bitPattern) }.joined(separator: " ")
      for selection in [["--string", item], ["--id", String(TrainedStore.id(item))]] {
        let (status, output) = try run([Self.script, directory, "--table", "item", "--bits"] + selection)
        #expect(status == 0, "\(output)")
        #expect(output.contains("vector \(bits)\n"), "\(output)")
        #expect(output.hasSuffix("sound\n"))
      }
    }
    let unknown = try run([Self.script, directory, "--table", "slot", "--id", ":unknown"])
    #expect(unknown.output.contains("id 18446744073709551614 row 4"), "\(unknown.output)")
    #expect(try run([Self.script, directory, "--table", "slot", "--id", "4"]).status == 1)
    var bytes = trained.scratch.bytes(of: "export/dense.safetensors")
    bytes[bytes.count - 1] ^= 1
    trained.scratch.write(bytes, to: "export/dense.safetensors")
    let damaged = try run([Self.script, directory])
    #expect(damaged.status == 1 && damaged.output.contains("SHA-256"))
  }
}
