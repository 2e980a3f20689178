import Foundation
import LoamQuery
import LoamStore

/// Last values before a time, of events in a store, beside the joins of polars and DuckDB over arrays in memory.
struct AsOfBenchmark: Benchmark {
  let name = "asof"
  let title = "last item, and last 50, before each of 1,000,000 requests; events of 200,000 entities"

  /// What is asked of Loam, of peers by their word for it, and how many requests a peer answers.
  private struct Case {
    var variant: String
    var feature: String
    var peers: [(name: String, word: String, aim: Measurement.Aim)]
  }
  private static let cases = [
    Case(
      variant: "last value", feature: "{name: f, latest: item, timeline: events}",
      peers: [("polars", "polars", .ratio(1)), ("duckdb", "duckdb", .ratio(1))]),
    Case(
      variant: "last 50", feature: "{name: f, sequence: item, timeline: events, last: 50}",
      peers: [("duckdb", "duckdb50", .atLeast(250_000))]),
  ]
  /// Answered together: what bounds a join's memory.
  private static let batch = 65_536

  func run(_ options: Options, _ add: (Measurement) -> Void) throws {
    let data = try AsOfEvents(at: options.scratch, events: options.rows)
    let store = try Store.open(at: data.storePath, for: .read)
    let requests = try data.requests()
    let cores = ProcessInfo.processInfo.activeProcessorCount
    for one in Self.cases {
      let view = try FeatureView.parse(
        yaml: "view: 1\nname: asof\nids: [entity]\nfeatures:\n  - \(one.feature)\n", file: "asof")
      let reader = try ViewReader(try store.snapshot(), view)
      // Touches, and verifies, every block once: the peers' arrays are in memory too.
      let missing = try Self.answer(reader, requests, threads: cores).missing
      for asked in one.peers {
        let peer = try self.peer(options, asked.name, asked.word, data, cores)
        if let peer, asked.word != "duckdb50" {
          let absent = try peer.round("check")[0]
          guard absent == Double(missing) else {
            throw Failure("\(asked.name) finds nothing for \(absent) requests, Loam for \(missing)")
          }
        }
        let rounds = try Rounds.inTurn(
          options.rounds,
          loam: { Double(requests.count) / (try Self.answer(reader, requests, threads: cores).seconds) },
          peer: peer.map { peer in { try peer.round("run")[0] } })
        add(
          Measurement(
            name, one.variant, threads: cores, n: data.events, unit: "requests/s", rounds, asked.aim, peer))
        if peer == nil { break }
      }
      let alone = try Rounds.inTurn(
        options.rounds, loam: { Double(requests.count) / (try Self.answer(reader, requests, threads: 1).seconds) },
        peer: nil)
      add(Measurement(name, one.variant, n: data.events, unit: "requests/s", alone))
    }
  }

  private static func answer(
    _ reader: ViewReader, _ requests: ViewRequests, threads: Int
  ) throws -> (seconds: Double, missing: Int) {
    var rows = [UInt8](repeating: 0, count: batch * reader.layout.rowBytes)
    var (seconds, missing) = (0.0, 0)
    for first in stride(from: 0, to: requests.count, by: batch) {
      let range = first..<min(requests.count, first + batch)
      let asked = ViewRequests(ids: requests.ids.map { Array($0[range]) }, times: Array(requests.times[range]))
      let start = Clock.wallSeconds()
      try rows.withUnsafeMutableBytes {
        let room = UnsafeMutableRawBufferPointer(rebasing: $0[..<(range.count * reader.layout.rowBytes)])
        try reader.fill(asked, into: room, threads: threads)
      }
      seconds += Clock.wallSeconds() - start
      rows.withUnsafeBytes { bytes in
        for row in 0..<range.count
        where bytes.loadUnaligned(fromByteOffset: row * reader.layout.rowBytes, as: UInt64.self) == .max {
          missing += 1
        }
      }
    }
    return (seconds, missing)
  }

  private func peer(
    _ options: Options, _ name: String, _ word: String, _ data: AsOfEvents, _ threads: Int
  ) throws -> Peer? {
    guard options.wants(name) else { return nil }
    let python = ProcessInfo.processInfo.environment["PYTHON"] ?? "python3"
    guard (try? Peer.run([python, "-c", "import \(name), numpy, pyarrow"])) != nil else {
      note("no peer \(name): \(python) has no \(name) with numpy and pyarrow (PyPI; PYTHON names another Python)")
      return nil
    }
    return try Peer(
      name, settings: "in memory, \(threads) threads" + (word == "duckdb50" ? ", lateral join, 2,000 requests" : ""),
      command: [
        "env", "POLARS_MAX_THREADS=\(threads)", python, "\(Peer.directory)/asof.py", data.directory, word,
        String(threads),
      ])
  }
}
