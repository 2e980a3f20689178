import Foundation
import LoamQuery
import LoamStore

/// The join of the field's best known complaint, 17,000 requests x 10 views x 100 features, into a file.
struct JoinBenchmark: Benchmark {
  let name = "join"
  let title = "17,000 requests x 10 views x 100 features of 10,000 entities, into a npy file"

  private static let requests = 17_000
  private static let batch = 2_048

  func run(_ options: Options, _ add: (Measurement) -> Void) throws {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let peer = try FeastPeer.start(options)
    for events in [1, 100] {
      let data = try WideViews(at: options.scratch, eventsPerEntity: events)
      let output = "\(options.scratch)/join.npy"
      var peaks: [Double] = []
      let isAlike = events == 1
      let rounds = try Rounds.inTurn(
        options.rounds,
        loam: {
          let (seconds, peak) = try Self.join(data, output, threads: cores)
          peaks.append(peak)
          return seconds
        }, peer: isAlike ? peer.map { peer in { try peer.round("join")[0] } } : nil)
      let variant = isAlike ? "one row" : "\(events) rows"
      add(
        Measurement(
          name, variant, threads: cores, n: Self.requests, unit: "s", rounds, isAlike ? .ratio(10) : nil,
          isAlike ? peer : nil, lowerIsBetter: true))
      var memory = Rounds()
      memory.loam = peaks
      if isAlike, let peer { memory.peer = try (0..<1).map { _ in try peer.round("peak")[0] } }
      if !memory.peer.isEmpty { memory.peer = Array(repeating: memory.peer[0], count: peaks.count) }
      add(
        Measurement(
          name, "\(variant), peak", threads: cores, n: Self.requests, unit: "MB", memory, .atMost(300),
          isAlike ? peer : nil, lowerIsBetter: true))
    }
  }

  /// Opening the store, answering batch by batch, writing: seconds, and megabytes resident at the peak.
  private static func join(_ data: WideViews, _ output: String, threads: Int) throws -> (Double, Double) {
    let requests = data.requests(Self.requests, seed: 5)
    Memory.beginPeak()
    let start = Clock.wallSeconds()
    let store = try Store.open(at: data.path, for: .read)
    let reader = try data.reader(store, views: WideViews.views, fields: WideViews.width)
    let records = RequestRecords(reader.view, reader.layout, spaces: ["user"])
    let header = NPYHeader(records.layout)
    guard FileManager.default.createFile(atPath: output, contents: Data(header.bytes(records: Self.requests))),
      let file = FileHandle(forWritingAtPath: output)
    else { throw Failure("cannot write \(output)") }
    try file.seekToEnd()
    var rows = [UInt8](repeating: 0, count: batch * reader.layout.rowBytes)
    for first in stride(from: 0, to: requests.count, by: batch) {
      let range = first..<min(requests.count, first + batch)
      let asked = ViewRequests(ids: requests.ids.map { Array($0[range]) }, times: Array(requests.times[range]))
      let bytes = try rows.withUnsafeMutableBytes { bytes in
        let room = UnsafeMutableRawBufferPointer(rebasing: bytes[..<(range.count * reader.layout.rowBytes)])
        try reader.fill(asked, into: room, threads: threads, releasesPages: true)
        return records.records(asked, carry: [], rows: UnsafeRawBufferPointer(room))
      }
      try bytes.withUnsafeBytes { try file.write(contentsOf: $0) }
    }
    try file.close()
    let seconds = Clock.wallSeconds() - start
    let peak = Memory.peakMegabytes()
    store.close()
    return (seconds, peak)
  }
}
