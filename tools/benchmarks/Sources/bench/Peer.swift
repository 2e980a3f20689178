import Foundation

/// A peer's process: it holds its table and runs a round for each line that it gets, so that both take turns.
final class Peer {
  let name: String
  let settings: String
  private(set) var version = ""
  private let process = Process()
  private let toPeer = Pipe()
  private let fromPeer = Pipe()
  private var unread = Data()

  static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Peers").path

  /// Waits until the peer has built its table and read every draw once.
  init(_ name: String, settings: String, command: [String]) throws {
    (self.name, self.settings) = (name, settings)
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.standardInput = toPeer
    process.standardOutput = fromPeer
    try process.run()
    let words = try answer().split(separator: " ", maxSplits: 1)
    guard words.first == "ready" else { throw Failure("\(name) is not ready: \(words)") }
    version = words.count > 1 ? String(words[1]) : ""
  }

  deinit {
    try? toPeer.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  /// The figures that a round printed.
  func round(_ line: String) throws -> [Double] {
    try begin(line)
    return try figures()
  }

  /// A round in two halves, for peers that run at once.
  func begin(_ line: String) throws {
    try toPeer.fileHandleForWriting.write(contentsOf: Data("\(line)\n".utf8))
  }

  func figures() throws -> [Double] { try answer().split(separator: " ").compactMap { Double($0) } }

  private func answer() throws -> String {
    while true {
      if let end = unread.firstIndex(of: 0x0A) {
        let line = String(decoding: unread[..<end], as: UTF8.self)
        unread = Data(unread[(end + 1)...])
        return line
      }
      let more = fromPeer.fileHandleForReading.availableData
      guard !more.isEmpty else { throw Failure("\(name) ended") }
      unread += more
    }
  }

  /// Compiles a peer of Peers/, for this processor, as its own users would.
  static func compile(_ name: String, into scratch: String) throws -> String {
    let program = "\(scratch)/\(name)"
    try run(
      ["cc", "-O3", "-march=native", "-ffp-contract=off", "\(directory)/\(name).c", "-o", program, "-llmdb", "-lm"])
    return program
  }

  /// What a command prints; throws where it fails.
  @discardableResult
  static func run(_ command: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    let output = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure("failed: \(command.joined(separator: " "))") }
    return String(decoding: bytes, as: UTF8.self)
  }
}

struct Failure: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

/// What is worth a line to people while they wait; never on standard output.
func note(_ text: String) { FileHandle.standardError.write(Data("bench: \(text)\n".utf8)) }
