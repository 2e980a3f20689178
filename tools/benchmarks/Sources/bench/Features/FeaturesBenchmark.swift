import Foundation
import LoamQuery
import LoamStore

/// The features of one entity and of a hundred, in process, warm.
struct FeaturesBenchmark: Benchmark {
  let name = "features"
  let title = "50 features of one entity, and of 100, of 10,000; p50 of a call"

  private static let calls = 2_000

  func run(_ options: Options, _ add: (Measurement) -> Void) throws {
    let peer = try FeastPeer.start(options)
    for events in [1, 100] {
      let data = try WideViews(at: options.scratch, eventsPerEntity: events)
      let store = try Store.open(at: data.path, for: .read)
      let reader = try data.reader(store, views: 1, fields: 50)
      for (count, aim) in [(1, 10.0), (100, 200.0)] {
        // The first round verifies blocks.
        _ = try Self.median(data, reader, count)
        let beside = events == 1 ? peer : nil
        let rounds = try Rounds.inTurn(
          options.rounds, loam: { try Self.median(data, reader, count) },
          peer: beside.map { peer in { try peer.round("online \(count)")[0] * 1e6 } })
        let rows = events == 1 ? "" : ", \(events) rows"
        add(
          Measurement(
            name, "\(count) x 50\(rows)", n: count, unit: "us", rounds, .atMost(aim), beside, lowerIsBetter: true))
      }
    }
  }

  /// Microseconds of the median call.
  private static func median(_ data: WideViews, _ reader: ViewReader, _ count: Int) throws -> Double {
    let asked = data.requests(calls * count, seed: 9)
    let batches = (0..<calls).map { call in
      let range = call * count..<(call + 1) * count
      return ViewRequests(ids: [Array(asked.ids[0][range])], times: Array(asked.times[range]))
    }
    var rows = [UInt8](repeating: 0, count: count * reader.layout.rowBytes)
    var took: [Double] = []
    for batch in batches {
      let start = DispatchTime.now().uptimeNanoseconds
      try rows.withUnsafeMutableBytes { try reader.fill(batch, into: $0) }
      took.append(Double(DispatchTime.now().uptimeNanoseconds - start) / 1_000)
    }
    return Rounds.median(took)
  }
}
