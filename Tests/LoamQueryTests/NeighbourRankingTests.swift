import Foundation
import LoamSchema
import LoamStore
import Testing

@testable import LoamQuery

/// Forecasts of the last item of each sequence from counts of all but the last two: public data, known figures.
@Suite(.serialized) struct NeighbourRankingTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var file: String
    var pairs: Int
    var total: UInt64
    var items: Int
    var degreeMax: Int
    /// HR@10 and NDCG@10.
    var last: [String]
    var recency: [String]
    var testDescription: String { file }
  }
  static let cases = [
    Case(
      file: "s3rec_beauty/sequences.txt.gz", pairs: 111_649, total: 131_413, items: 12_068, degreeMax: 457,
      last: ["0.0645", "0.0406"], recency: ["0.0690", "0.0419"]),
    Case(
      file: "amazon_instruments/Instruments.inter.json.gz", pairs: 115_364, total: 131_837, items: 9_913,
      degreeMax: 835, last: ["0.0882", "0.0686"], recency: ["0.1165", "0.0916"]),
  ]
  private static let data = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("shared/data").path

  @Test(
    .enabled("needs ../shared/data") { FileManager.default.fileExists(atPath: NeighbourRankingTests.data) },
    arguments: cases)
  func pairsOfPublicSequencesRankAsIsKnown(_ known: Case) throws {
    let sequences = try Self.sequences("\(Self.data)/\(known.file)")
    let scratch = try QueryStore(shards: 4)
    var popularity: [ID: UInt64] = [:]
    let timeline = TableSpec.timeline("clicks", fields: [TimelineFieldSpec("item", .id)])
    let pairs = TableSpec.pairs(timeline: "clicks", field: "item")
    let write = try scratch.store.begin([timeline, pairs])
    let (events, counts) = (
      try TimelineWriter(write, timeline), try PairWriter(write, pairs, fields: timeline.timelineFields())
    )
    var columns = EventColumns(entities: [], times: [], fields: [[]])
    for (user, items) in sequences.enumerated() {
      for (time, item) in items.dropLast(2).enumerated() {
        popularity[item, default: 0] += 1
        columns.entities.append(ID(user))
        columns.times.append(Timestamp(time))
        columns.fields[0].append(item)
        try counts.append(entity: ID(user), time: Timestamp(time), id: item)
      }
    }
    columns.knownAts = columns.times
    try events.append(columns)
    try events.flush()
    try counts.flush()
    try write.publish()
    let reader = try #require(try PairReader(try scratch.store.snapshot(), timeline: "clicks"))
    #expect(reader.pairCount == known.pairs && reader.total == known.total && reader.ids.count == known.items)
    #expect(reader.ids.map { reader.neighbours(of: $0).count }.max() == known.degreeMax)
    let ranking = NeighbourRanking(reader, popularity: popularity)
    #expect(Self.figures(ranking, sequences, .last) == known.last)
    #expect(Self.figures(ranking, sequences, .recency) == known.recency)
  }

  private static func figures(
    _ ranking: NeighbourRanking, _ sequences: [[ID]], _ weights: NeighbourRanking.Weights
  ) -> [String] {
    var (hits, gain) = (0.0, 0.0)
    for items in sequences {
      let best = ranking.best(10, after: items.dropLast(), weights: weights)
      guard let place = best.firstIndex(of: items[items.count - 1]) else { continue }
      hits += 1
      gain += 1 / log2(Double(place + 2))
    }
    return [hits, gain].map { String(format: "%.4f", $0 / Double(sequences.count)) }
  }

  /// Lines of `user item item ...`, or one JSON object of lists by user.
  private static func sequences(_ path: String) throws -> [[ID]] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["gzip", "-dc", path]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    if path.contains(".json") {
      let users = try JSONDecoder().decode([String: [ID]].self, from: data)
      return users.sorted { $0.key < $1.key }.map(\.value)
    }
    return String(decoding: data, as: UTF8.self).split(separator: "\n").map { line in
      line.split(separator: " ").dropFirst().compactMap { ID($0) }
    }
  }
}
