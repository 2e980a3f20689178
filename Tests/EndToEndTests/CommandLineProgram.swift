import Foundation
import Testing

/// The built `loam`, run as its users run it.
struct CommandLineProgram {
  struct Outcome: Sendable {
    var status: Int32
    var wasKilled: Bool
    var output: String
    var errors: String
  }

  /// Beside the test bundle: SwiftPM builds both into one folder.
  static let path: String = {
    let folder = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL.deletingLastPathComponent()
    let arguments = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    for place in [folder, arguments].compactMap(\.self) {
      let program = place.appendingPathComponent("loam").path
      if FileManager.default.isExecutableFile(atPath: program) { return program }
    }
    fatalError("loam was not built beside the tests")
  }()

  /// Runs to the end, or kills with SIGKILL after `killAfterSeconds`.
  @discardableResult
  static func run(
    _ arguments: String..., environment: [String: String] = [:], killAfterSeconds: Double? = nil, input: String? = nil
  ) throws -> Outcome {
    try run(arguments, environment: environment, killAfterSeconds: killAfterSeconds, input: input)
  }

  static func run(
    _ arguments: [String], environment: [String: String] = [:], killAfterSeconds: Double? = nil, input: String? = nil
  ) throws -> Outcome {
    let running = try start(arguments, environment: environment, input: input)
    if let killAfterSeconds {
      let deadline = Date().addingTimeInterval(killAfterSeconds)
      while running.process.isRunning, Date() < deadline { usleep(1_000) }
      if running.process.isRunning { kill(running.process.processIdentifier, SIGKILL) }
    }
    return running.finish()
  }

  /// A running program whose output goes to files, so that no pipe can fill.
  final class Running {
    let process = Process()
    fileprivate let output: URL
    fileprivate let errors: URL

    fileprivate init() {
      let name = NSTemporaryDirectory() + "loam-run-\(UUID().uuidString)"
      (output, errors) = (URL(fileURLWithPath: name + ".out"), URL(fileURLWithPath: name + ".err"))
      for file in [output, errors] { _ = FileManager.default.createFile(atPath: file.path, contents: nil) }
    }

    deinit {
      try? FileManager.default.removeItem(at: output)
      try? FileManager.default.removeItem(at: errors)
    }

    func finish() -> Outcome {
      process.waitUntilExit()
      func text(_ url: URL) -> String { (try? String(contentsOf: url, encoding: .utf8)) ?? "" }
      return Outcome(
        status: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal,
        output: text(output), errors: text(errors))
    }
  }

  static func start(_ arguments: [String], environment: [String: String] = [:], input: String? = nil) throws -> Running
  {
    let running = Running()
    running.process.executableURL = URL(fileURLWithPath: path)
    running.process.arguments = arguments
    running.process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    running.process.standardOutput = try FileHandle(forWritingTo: running.output)
    running.process.standardError = try FileHandle(forWritingTo: running.errors)
    if let input {
      let pipe = Pipe()
      running.process.standardInput = pipe
      try running.process.run()
      pipe.fileHandleForWriting.write(Data(input.utf8))
      try pipe.fileHandleForWriting.close()
    } else {
      running.process.standardInput = FileHandle.nullDevice
      try running.process.run()
    }
    return running
  }

  /// Runs, expects success, and gives back the JSON document on standard output.
  static func json(_ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation) throws -> [String: Any] {
    let outcome = try run(arguments + ["--json"])
    #expect(outcome.status == 0, "\(arguments): \(outcome.errors)", sourceLocation: sourceLocation)
    let value = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    return try #require(value as? [String: Any], sourceLocation: sourceLocation)
  }
}

/// A folder of one test, removed with it.
final class Folder: Sendable {
  let path: String
  init() throws {
    path = NSTemporaryDirectory() + "loam-end-to-end-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }

  func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  @discardableResult
  func write(_ text: String, to name: String) throws -> String {
    try Data(text.utf8).write(to: URL(fileURLWithPath: self(name)))
    return self(name)
  }
}
