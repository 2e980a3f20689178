import Foundation
import LoamSchema
import LoamStore

/// A process that reads without pause while another one publishes every second.
///
/// Beside the writer on the same store and beside the same writer on another store, in turn: whatever the machine's
/// cores, caches and disk cost is in both, and what is left is the store's.
struct ReadersBenchmark: Benchmark {
  let name = "readers"
  let title = "batches of 1,024 IDs in one process, a version every second (1 % of the rows) from another"

  private static let seconds = 8

  func run(_ options: Options, _ add: (Measurement) -> Void) throws {
    let scratch = "\(options.scratch)/commit-\(options.rows)"
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    try BuiltStore.build(at: "\(scratch)/store", VectorTable.spec, rows: options.rows)
    let (read, other) = ("\(scratch)/read", "\(scratch)/other")
    for path in [read, other] { try BuiltStore.copy("\(scratch)/store", to: path) }
    defer { for path in [read, other] { try? FileManager.default.removeItem(atPath: path) } }

    var (p99, seen, served) = (Rounds(), Rounds(), Rounds())
    for _ in 0..<options.rounds {
      let beside = try round(options, reads: read, writes: other)
      let same = try round(options, reads: read, writes: read)
      p99.peer.append(beside.reader[0])
      p99.loam.append(same.reader[0])
      let (delays, firsts) = try Self.delays(same)
      seen.loam.append(Rounds.median(delays))
      served.loam.append(Rounds.median(firsts))
    }
    var result = Measurement(
      name, "batch p99", n: options.rows, unit: "µs", p99, .ratio(1 / 1.25), lowerIsBetter: true)
    (result.peer, result.peerSettings) = ("loam", "the same writer, on another store")
    result.threads = 2
    add(result)
    add(Measurement(name, "version seen", n: options.rows, unit: "ms", seen, .atMost(10)))
    add(Measurement(name, "its first batch", n: options.rows, unit: "ms", served))
  }

  private struct Answers {
    /// 99th percentile of a batch in microseconds; for each version: its number, when it was seen, when it was first
    /// read from.
    var reader: [Double]
    /// For each version: its number, when its publish returned.
    var writer: [Double]
  }

  private func round(_ options: Options, reads: String, writes: String) throws -> Answers {
    let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let common = ["--rows", String(options.rows)]
    let reader = try Peer("reader", settings: "", command: [program, "--role", "reader", "--scratch", reads] + common)
    let writer = try Peer("writer", settings: "", command: [program, "--role", "writer", "--scratch", writes] + common)
    try reader.begin("\(Self.seconds + 1)")
    try writer.begin("\(Self.seconds)")
    return Answers(reader: try reader.figures(), writer: try writer.figures())
  }

  /// Milliseconds from the return of a publish to its version being seen, and being read from.
  private static func delays(_ answers: Answers) throws -> (seen: [Double], served: [Double]) {
    var published: [Double: Double] = [:]
    for entry in stride(from: 0, to: answers.writer.count - 1, by: 2) {
      published[answers.writer[entry]] = answers.writer[entry + 1]
    }
    var (seen, served) = ([Double](), [Double]())
    for entry in stride(from: 1, to: answers.reader.count - 2, by: 3) {
      guard let start = published[answers.reader[entry]] else { continue }
      seen.append((answers.reader[entry + 1] - start) * 1e3)
      served.append((answers.reader[entry + 2] - start) * 1e3)
    }
    guard !seen.isEmpty else { throw Failure("the reader saw no version") }
    return (seen, served)
  }
}
