import Foundation
import Testing

/// `StoreWorkload`, built beside the tests, and the library of calls that it can be run under.
enum WorkloadProgram {
  struct Outcome {
    var status: Int32
    var wasKilled: Bool
    var output: String
    var errors: String

    /// What it said was published: version, root.
    var acknowledged: [(version: UInt64, root: String)] {
      output.split(separator: "\n").compactMap { line in
        let words = line.split(separator: " ")
        guard words.count == 2, let version = UInt64(words[0]) else { return nil }
        return (version, String(words[1]))
      }
    }
  }

  private static func beside(_ name: String) -> String {
    let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL.deletingLastPathComponent()
    let arguments = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    for place in [bundle, arguments].compactMap(\.self) {
      let program = place.appendingPathComponent(name).path
      if FileManager.default.isExecutableFile(atPath: program) { return program }
    }
    fatalError("\(name) was not built beside the tests")
  }
  private static let path = beside("StoreWorkload")

  /// Compiled once a run by the clang that comes with Swift.
  static let calls: String = {
    let library = NSTemporaryDirectory() + "loam-io-calls-\(getpid()).so"
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let source = folder.appendingPathComponent("Preload/io_calls.c")
    let compiler = Process()
    compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    compiler.arguments = ["clang", "-shared", "-fPIC", "-O1", "-o", library, source.path, "-ldl", "-lpthread"]
    try! compiler.run()
    compiler.waitUntilExit()
    precondition(compiler.terminationStatus == 0, "clang does not compile \(source.path)")
    return library
  }()

  /// How the calls below a directory fare.
  struct Calls {
    var root: String
    var record: String?
    /// `N:error|sticky|short|kill[:ERRNO]`
    var fail: String?

    var environment: [String: String] {
      var values = ["LD_PRELOAD": WorkloadProgram.calls, "LOAM_IO_ROOT": root]
      values["LOAM_IO_RECORD"] = record
      values["LOAM_IO_FAIL"] = fail
      return values
    }
  }

  final class Running {
    let process = Process()
    private let output: String
    fileprivate init(_ arguments: [String], _ calls: Calls?) throws {
      output = NSTemporaryDirectory() + "loam-workload-\(UUID().uuidString)"
      for file in [output + ".out", output + ".err"] {
        _ = FileManager.default.createFile(atPath: file, contents: nil)
      }
      process.executableURL = URL(fileURLWithPath: WorkloadProgram.path)
      process.arguments = arguments
      process.environment = ProcessInfo.processInfo.environment.merging(calls?.environment ?? [:]) { $1 }
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = FileHandle(forWritingAtPath: output + ".out")
      process.standardError = FileHandle(forWritingAtPath: output + ".err")
      try process.run()
    }

    var said: String { (try? String(contentsOfFile: output + ".out", encoding: .utf8)) ?? "" }

    func waitUntilItSays(_ text: String) throws {
      while !said.contains(text) {
        try #require(process.isRunning, "it ended before it said \(text)")
        usleep(1_000)
      }
    }

    func finish() -> Outcome {
      process.waitUntilExit()
      let errors = (try? String(contentsOfFile: output + ".err", encoding: .utf8)) ?? ""
      let outcome = Outcome(
        status: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal, output: said,
        errors: errors)
      for file in [output + ".out", output + ".err"] { try? FileManager.default.removeItem(atPath: file) }
      return outcome
    }
  }

  static func start(_ arguments: String..., calls: Calls? = nil) throws -> Running { try Running(arguments, calls) }
  static func run(_ arguments: String..., calls: Calls? = nil) throws -> Outcome {
    try Running(arguments, calls).finish()
  }
}

/// A directory of one test, in memory where the system has a place for that, removed with it.
final class Place: Sendable {
  let path: String

  init(inMemory: Bool = true) throws {
    let memory = inMemory && FileManager.default.isWritableFile(atPath: "/dev/shm")
    path = (memory ? "/dev/shm/" : NSTemporaryDirectory()) + "loam-reliability-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
  func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }
}

/// A number that a longer run sets by an environment variable.
func setting(_ name: String, _ usual: Int) -> Int {
  ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? usual
}

/// SplitMix64: a random number generator with a seed to print.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
