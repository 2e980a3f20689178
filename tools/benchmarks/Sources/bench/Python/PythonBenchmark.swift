import Foundation
import LoamStore

/// The Python package's lookups beside Swift's, over one store.
struct PythonBenchmark: Benchmark {
  let name = "python"
  let title = "65,536 IDs into a NumPy array beside the same lookup in Swift, page cache warm"

  private static let slices = 8

  func run(_ options: Options, _ add: (Measurement) -> Void) throws {
    let python = ProcessInfo.processInfo.environment["PYTHON"] ?? "python3"
    guard (try? Peer.run([python, "-c", "import loam; loam.hash([])"])) != nil else {
      return note("\(python) has no loam: install the wheel of tools/build-wheel (PYTHON names another Python)")
    }
    let scratch = "\(options.scratch)/lookup-\(options.rows)"
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    try LookupTable.build(at: "\(scratch)/store", rows: options.rows)
    try PageCache.fill("\(scratch)/store")
    let draws = [
      try Draws.uniform(options.rows, scratch: scratch),
      try Draws.zipf(options.rows, exponent: 1.1, scratch: scratch),
    ]
    let reader = try Peer(
      "python", settings: "",
      command: [python, "\(Peer.directory)/loam_python.py", "\(scratch)/store", "bench/lookup"]
        + draws.map(\.path))
    let store = try Store.open(at: "\(scratch)/store", for: .read)
    defer { store.close() }
    for draws in draws {
      let swift = try LookupRounds(try LookupTable(store), draws)
      let slice = Draws.batches / Self.slices
      let rounds = try Rounds.inTurn(
        options.rounds, rows: Self.slices * (slice - 1) * Draws.batch, slices: Self.slices,
        loam: { try reader.round("\(draws.name) \($0 * slice) \(slice - 1)")[0] },
        peer: { try swift.seconds(from: $0 * slice, count: slice - 1) })
      var measurement = Measurement(name, draws.name, n: options.rows, unit: "rows/s", rounds, .ratio(0.8))
      (measurement.peer, measurement.peerSettings) = ("loam", "Swift, the same store and IDs")
      add(measurement)
    }
  }
}
