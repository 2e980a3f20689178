import Foundation
import LoamIngest
import LoamSchema
import LoamStore

/// A file into a store: log, counts and dictionary durable, beside DuckDB's table and counts and polars' frame.
struct IngestBenchmark: Benchmark {
  let name = "ingest"
  let title = "rows a second of a Criteo-shaped TSV, log, counts and dictionary on disk"

  private static let rowsMax = 2_000_000
  /// What the stored log may take of the text.
  private static let logShare = 0.3
  private static let schema = Schema(
    name: "bench",
    format: RecordFormat(
      kind: .tsv, header: false,
      columns: ["label"] + (1...TrainLog.dense).map { "i\($0)" } + (1...TrainLog.fields).map { "c\($0)" }),
    labels: [LabelField(name: "click", column: "label")],
    dense: (1...TrainLog.dense).map { DenseField(name: "i\($0)") },
    ids: (1...TrainLog.fields).map { IDField(name: "c\($0)") })

  func run(_ options: Options, _ add: (Measurement) -> Void) throws {
    let rows = min(options.rows, Self.rowsMax)
    let file = try CriteoFile(at: options.scratch, rows: rows)
    let path = "\(options.scratch)/ingest-store"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let threads = ProcessInfo.processInfo.activeProcessorCount
    for (peerName, settings, aim) in [
      ("duckdb", "table and counts on disk", 2.0), ("polars", "frame and counts in memory", 1.0),
    ] {
      let peer = try self.peer(options, peerName, settings, file, threads)
      if peer == nil && peerName != "duckdb" { continue }
      let rounds = try Rounds.inTurn(
        options.rounds, loam: { Double(rows) / (try Self.ingest(file, path, rows)) },
        peer: peer.map { peer in { Double(rows) / (try peer.round("run")[0]) } })
      add(Measurement(name, "rows", threads: threads, n: rows, unit: "rows/s", rounds, .ratio(aim), peer))
    }
    try sizes(path, file, rows, add)
  }

  /// Seconds from no store to a closed one that has everything.
  private static func ingest(_ file: CriteoFile, _ path: String, _ rows: Int) throws -> Double {
    try? FileManager.default.removeItem(atPath: path)
    let start = Clock.wallSeconds()
    let store = try Store.create(at: path)
    let report = try Ingestor(store: store, schema: schema, options: IngestOptions(log: "train"))
      .run([.file(file.path)])
    store.close()
    let seconds = Clock.wallSeconds() - start
    guard report.rows == rows, report.badRows == 0 else { throw Failure("\(report.rows) of \(rows) rows were taken") }
    return seconds
  }

  private func sizes(_ path: String, _ file: CriteoFile, _ rows: Int, _ add: (Measurement) -> Void) throws {
    let store = try Store.open(at: path, for: .read)
    defer { store.close() }
    let tables = try store.statistics().tables
    let log = tables.first { $0.name == "log:train" }?.bytes ?? 0
    let snapshot = try store.snapshot()
    var (dictionary, others) = (0, 0)
    for field in Self.schema.ids {
      let table = try IDTableReader(snapshot, TableName(.ids, field.space))
      for (column, bytes) in try table?.statistics().bytes ?? [:] {
        if column == "/dictionary" { dictionary += bytes } else { others += bytes }
      }
    }
    func figure(_ variant: String, _ value: Double, _ unit: String, _ aim: Measurement.Aim? = nil) {
      add(Measurement(name, variant, n: rows, unit: unit, Rounds(loam: [value]), aim))
    }
    figure("text", Double(file.bytes), "bytes")
    figure("log", Double(log), "bytes", .atMost(Self.logShare * Double(file.bytes)))
    figure("dictionary", Double(dictionary), "bytes")
    figure("counts and index", Double(others), "bytes")
  }

  private func peer(
    _ options: Options, _ name: String, _ settings: String, _ file: CriteoFile, _ threads: Int
  ) throws -> Peer? {
    guard options.wants(name) else { return nil }
    let python = ProcessInfo.processInfo.environment["PYTHON"] ?? "python3"
    guard (try? Peer.run([python, "-c", "import \(name)"])) != nil else {
      note("no peer \(name): \(python) has no \(name) (PyPI; PYTHON names another Python)")
      return nil
    }
    return try Peer(
      name, settings: "\(settings), \(threads) threads",
      command: [
        "env", "POLARS_MAX_THREADS=\(threads)", python, "\(Peer.directory)/ingest.py", name, file.path,
        options.scratch, String(threads),
      ])
  }
}
