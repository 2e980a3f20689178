import Foundation
import Loam
import LoamStore
import Synchronization

/// Training on all cores while another process exports a model of the same store without pause.
struct ExportBesideBenchmark: Benchmark {
  let name = "export-beside"
  let title = "samples a second of DCN-v2, 2 threads, while another process exports a model again and again"

  static let model = "exported"
  private static let threads = 2

  func run(_ options: Options, _ add: (Measurement) -> Void) throws {
    let rows = min(options.rows, 48 * TrainBenchmark.batch)
    let path = "\(options.scratch)/train-\(rows)"
    try FileManager.default.createDirectory(atPath: options.scratch, withIntermediateDirectories: true)
    try TrainLog.build(at: path, rows: rows, .even)
    try Self.addModel(to: path)
    for (variant, prefix, aim) in [
      ("nice -n 19", ["nice", "-n", "19"], Measurement.Aim.ratio(0.9)), ("same priority", [], nil),
    ] as [(String, [String], Measurement.Aim?)] {
      let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      let exporter = try Peer(
        "exporter", settings: "", command: prefix + [program, "--role", "exporter", "--scratch", path])
      var exports = 0.0
      let rounds = try Rounds.inTurn(
        options.rounds,
        loam: {
          try exporter.begin("begin")
          let rate = try Self.rate(path)
          exports += try exporter.round("end")[0]
          return rate
        }, peer: { try Self.rate(path) })
      guard exports > 0 else { throw Failure("no export ended while the model was trained") }
      var measurement = Measurement(
        name, "export by \(variant)", threads: Self.threads, n: rows, unit: "samples/s", rounds, aim)
      (measurement.peer, measurement.peerSettings) = ("loam", "the same training alone; \(Int(exports)) exports in all")
      add(measurement)
    }
  }

  private static func rate(_ path: String) throws -> Double {
    try TrainBenchmark.samplesPerSecond(path, "dcnv2", threads: threads)[0]
  }

  private static func addModel(to path: String) throws {
    let store = try Store.open(at: path, for: .write)
    defer { store.close() }
    let config = try ModelConfig(
      yaml: "{model: fm, name: \(model), label: click, train: train, fields: {dimension: 16, deviation: 0.01}}",
      file: "bench", schema: TrainLog.schema)
    _ = try Trainer(store: store, schema: TrainLog.schema, config: config, threads: threads).run()
  }
}

extension Roles {
  /// Exports from `begin` to `end`, which it answers with how many exports there were. Each must have the rows of the
  /// version that it began with, whatever is published meanwhile.
  static func export(_ options: Options) throws {
    let store = try Store.open(at: options.scratch, for: .read)
    let directory = "\(options.scratch).export-\(ProcessInfo.processInfo.processIdentifier)"
    answer("ready 1")
    while readLine() == "begin" {
      let work = Work(store, directory)
      let thread = Thread { work.run() }
      thread.start()
      _ = readLine()
      answer("\(try work.end())")
    }
  }

  private final class Work: @unchecked Sendable {
    // One thread runs, the other waits for its end.
    private let store: Store
    private let directory: String
    private let ended = DispatchSemaphore(value: 0)
    private let isStopping = Atomic(false)
    private var result = Result<Int, any Error>.success(0)

    init(_ store: Store, _ directory: String) { (self.store, self.directory) = (store, directory) }

    func run() {
      result = Result {
        var count = 0
        while !isStopping.load(ordering: .relaxed) {
          try exportOnce()
          count += 1
        }
        return count
      }
      ended.signal()
    }

    func end() throws -> Int {
      isStopping.store(true, ordering: .relaxed)
      ended.wait()
      return try result.get()
    }

    private func exportOnce() throws {
      let snapshot = try store.snapshot()
      defer { try? FileManager.default.removeItem(atPath: directory) }
      let manifest = try Exporter.export(
        snapshot, model: ExportBesideBenchmark.model, to: directory, options: ExportOptions(goldenRequests: 0))
      for table in manifest.tables {
        let name = TableName(.embedding, "\(ExportBesideBenchmark.model)/\(table.space)")
        let reader = try IDTableReader(snapshot, name)
        guard try reader?.contentRoot(of: "vector").description == table.vectorRoot else {
          throw Failure("the export of \(name) is not of one instant")
        }
      }
    }
  }
}
