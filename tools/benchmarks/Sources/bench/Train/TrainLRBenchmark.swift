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
    let rounds = try Rounds.inTurn(
      options.rounds,
      loam: {
        try TrainBenchmark.samplesPerSecond(path, "lr", threads: 1, batch: Self.batch, options: "dense: none,")
      }, peer: nil)
    add(
      Measurement(
        name, "lr adagrad" + (core == nil ? ", not pinned" : ""), n: rows, unit: "samples/s", rounds,
        .atLeast(1_000_000)))
  }

  #if canImport(Glibc)
    /// Keeps this thread, and those that it makes, on the first core that it may use; returns what it might before.
    private static func pin() -> cpu_set_t? {
      var old = cpu_set_t()
      guard sched_getaffinity(0, MemoryLayout<cpu_set_t>.size, &old) == 0 else { return nil }
      var one = cpu_set_t()
      let found = withUnsafeBytes(of: old) { allowed in allowed.firstIndex { $0 != 0 }.map { ($0, allowed[$0]) } }
      guard let (byte, bits) = found else { return nil }
      withUnsafeMutableBytes(of: &one) { $0[byte] = bits & (~bits &+ 1) }
      return sched_setaffinity(0, MemoryLayout<cpu_set_t>.size, &one) == 0 ? old : nil
    }

    private static func restore(_ old: cpu_set_t) {
      var old = old
      sched_setaffinity(0, MemoryLayout<cpu_set_t>.size, &old)
    }
  #else
    private static func pin() -> Int? { nil }
    private static func restore(_ old: Int) {}
  #endif
}
