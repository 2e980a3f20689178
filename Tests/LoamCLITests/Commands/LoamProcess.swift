import Foundation
import Testing

/// The built `loam` as a child process, in a directory of its own that goes with the test.
final class LoamProcess {
  struct Outcome {
    var code: Int32
    var output: String
    var errors: String

    func json() throws -> [String: Any] {
      try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
    }
  }
  let directory: String

  init() throws {
    directory = FileManager.default.temporaryDirectory.appending(path: "loam-cli-\(UUID())").path()
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  /// Beside the test bundle.
  private static let binary = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(
    path: "loam")

  func path(_ name: String) -> String { "\(directory)/\(name)" }

  func write(_ text: String, to name: String) throws {
    try text.write(toFile: path(name), atomically: true, encoding: .utf8)
  }

  /// Arguments are split at blanks.
  @discardableResult
  func callAsFunction(_ arguments: String, input: String? = nil) throws -> Outcome {
    let process = Process()
    process.executableURL = Self.binary
    process.arguments = arguments.split(separator: " ").map(String.init)
    process.currentDirectoryURL = URL(filePath: directory)
    let files = ["output", "errors"].map { path(".\($0)-\(UUID())") }
    for file in files { #expect(FileManager.default.createFile(atPath: file, contents: nil)) }
    // Files, not pipes: nothing can fill up while nobody reads.
    process.standardOutput = FileHandle(forWritingAtPath: files[0])
    process.standardError = FileHandle(forWritingAtPath: files[1])
    let pipe = Pipe()
    process.standardInput = pipe
    try process.run()
    if let input { try pipe.fileHandleForWriting.write(contentsOf: Data(input.utf8)) }
    try pipe.fileHandleForWriting.close()
    process.waitUntilExit()
    let texts = try files.map { try String(contentsOfFile: $0, encoding: .utf8) }
    for file in files { try FileManager.default.removeItem(atPath: file) }
    return Outcome(code: process.terminationStatus, output: texts[0], errors: texts[1])
  }
}
