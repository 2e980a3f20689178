import Foundation
import Loam
import LoamStore

/// Training from the store's log, beside PyTorch on rows that lie ready in memory.
struct TrainBenchmark: Benchmark {
  let name = "train"
  let title = "samples a second, DCN-v2, DeepFM and DHEN of two layers, 26 Zipf fields x 16, 13 dense, batch 4,096"

  static let batch = 4_096
  private static let warmup = 5

  func run(_ options: Options, _ add: (Measurement) -> Void) throws {
    let rows = min(options.rows, 48 * Self.batch)
    let path = "\(options.scratch)/train-\(rows)"
    try FileManager.default.createDirectory(atPath: options.scratch, withIntermediateDirectories: true)
    try TrainLog.build(at: path, rows: rows, .even)
    for model in ["dcnv2", "deepfm", "dhen"] {
      for threads in [1, 2] {
        let peer = try torch(options, model, threads: threads, rows: rows)
        // The peer's table is there before its first round; an epoch of Loam's that finds all IDs is what compares.
        var (first, second) = (Rounds(), Rounds())
        for _ in 0..<options.rounds {
          let rates = try Self.samplesPerSecond(path, model, threads: threads, epochs: 2)
          first.loam.append(rates[0])
          second.loam.append(rates[1])
          guard let rate = try peer?.round("go")[0] else { continue }
          first.peer.append(rate)
          second.peer.append(rate)
        }
        for (epoch, rounds) in [("first epoch", first), ("second epoch", second)] {
          add(
            Measurement(
              name, "\(model) f32, \(epoch)", threads: threads, n: rows, unit: "samples/s", rounds,
              .ratio(model == "dcnv2" ? 2.5 : 2), peer))
        }
      }
    }
  }

  private func torch(_ options: Options, _ model: String, threads: Int, rows: Int) throws -> Peer? {
    guard options.wants("torch") else { return nil }
    let python = ProcessInfo.processInfo.environment["PYTHON"] ?? "python3"
    guard (try? Peer.run([python, "-c", "import torch, numpy"])) != nil else {
      note("no peer torch: \(python) has no torch (PYTHON names another Python)")
      return nil
    }
    return try Peer(
      "torch", settings: "f32, rows in memory, Adam, sparse Adagrad",
      command: [python, "\(Peer.directory)/torch_train.py", model, String(threads), String(rows), "f32"])
  }

  /// Of each epoch after its first steps, without the checkpoint at its end. New IDs are admitted in the first one. With
  /// one thread by the processor's time, the reading thread's included: other work on the machine does not count.
  static func samplesPerSecond(
    _ path: String, _ model: String, threads: Int, batch: Int = batch, epochs: Int = 1, options: String = ""
  ) throws -> [Double] {
    let store = try Store.open(at: path, for: .write)
    defer { store.close() }
    let name = "m\(UInt64.random(in: 0 ..< .max))"
    let config = try ModelConfig(
      yaml: """
        {model: \(model), name: \(name), label: click, train: train, batch_size: \(batch), epochs: \(epochs),
         fields: {dimension: 16, deviation: 0.01}, \(options)
         optimizer: {tables: {kind: adagrad, rate: 0.01}, dense: {kind: adam, rate: 0.001}}}
        """, file: "bench", schema: TrainLog.schema)
    let clock = threads == 1 ? Clock.processSeconds : Clock.wallSeconds
    var start = clock()
    var rates: [Double] = []
    let report = try Trainer(store: store, schema: TrainLog.schema, config: config, threads: threads).run { progress in
      guard case .step(_, let step, let steps, _, _) = progress else { return }
      if step == Self.warmup { start = clock() }
      guard step == steps, step > Self.warmup else { return }
      rates.append(Double((step - Self.warmup) * batch) / (clock() - start))
    }
    guard report.end == .epochsDone, rates.count == epochs else { throw Failure("the run of \(model) ended early") }
    return rates
  }
}
