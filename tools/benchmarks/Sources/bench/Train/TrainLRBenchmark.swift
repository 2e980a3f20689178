import Foundation
import Loam
import LoamStore

/// Logistic regression with Adagrad over 26 ID fields, from the store's log, all threads on one core.
struct TrainLRBenchmark: Benchmark {
  let name = "train-lr"
  let title = "samples a second of logistic regression, 26 Zipf fields, one core, its reading thread included"

  private static let batch = 16_384

  func run(_ options: Options, _ add: (Measurement) -> Void) throws {
    let rows = min(options.rows, 1 << 20)
    let path = "\(options.scratch)/train-lr-\(rows)"
    try FileManager.default.createDirectory(atPath: options.scratch, withIntermediateDirectories: true)
    try TrainLog.build(at: path, rows: rows, .criteo)
    let core = Self.pin()
    defer { core.map(Self.restore) }
    // The first epoch admits IDs; those after it find all of them.
    var (first, later) = (Rounds(), Rounds())
    for _ in 0..<options.rounds {
      let rates = try TrainBenchmark.samplesPerSecond(
        path, "lr", threads: 1, batch: Self.batch, epochs: 2, options: "dense: none,")
      first.loam.append(rates[0])
      later.loam.append(rates[1])
    }
    let place = core == nil ? ", not pinned" : ""
    for (epoch, rounds) in [("first epoch", first), ("second epoch", later)] {
      add(
        Measurement(
          name, "lr adagrad, \(epoch)\(place)", n: rows, unit: "samples/s", rounds, .atLeast(1_000_000)))
    }
  }

  /// Keeps this process on the first core that it may use; returns which it might use before.
  private static func pin() -> String? {
    let process = String(ProcessInfo.processInfo.processIdentifier)
    guard let answer = try? Peer.run(["taskset", "-c", "-p", process]) else { return nil }
    let cores = answer.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
    guard let cores, let first = cores.split(whereSeparator: { ",-".contains($0) }).first else { return nil }
    let pinned = try? Peer.run(["taskset", "-a", "-c", "-p", String(first), process])
    return pinned == nil ? nil : cores
  }

  private static func restore(_ cores: String) {
    _ = try? Peer.run(["taskset", "-a", "-c", "-p", cores, String(ProcessInfo.processInfo.processIdentifier)])
  }
}
