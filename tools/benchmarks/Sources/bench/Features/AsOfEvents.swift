import Foundation
import LoamQuery
import LoamStore

/// Events of entities whose frequencies follow Zipf's law, and requests of the same kind: numbers in files that peers
/// read too, and a store that took the events in batches, as an ingest does.
struct AsOfEvents {
  static let entities = 200_000
  static let requests = 1_000_000
  static let timesEnd: Int64 = 1_000_000_000
  private static let batch = 262_144
  private static let arrays = ["event_entity", "event_time", "event_item", "request_entity", "request_time"]

  let directory: String
  let storePath: String
  let events: Int

  init(at scratch: String, events: Int) throws {
    self.events = events
    directory = "\(scratch)/asof-\(events)"
    storePath = "\(directory)/store"
    if FileManager.default.fileExists(atPath: storePath) { return }
    note("building \(directory)")
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    var random = Random(7)
    try write("event_entity", (0..<events).map { _ in Self.entity(&random) })
    try write("event_time", (0..<events).map { _ in Int64(random.below(Int(Self.timesEnd))) })
    try write("event_item", (0..<events).map { _ in Int64(random.below(1_000_000)) })
    let asked = (0..<Self.requests).map { _ in (Self.entity(&random), Int64(random.below(Int(Self.timesEnd)))) }
      .sorted { $0.1 < $1.1 }
    try write("request_entity", asked.map(\.0))
    try write("request_time", asked.map(\.1))
    try fill(storePath + ".partial")
    try FileManager.default.moveItem(atPath: storePath + ".partial", toPath: storePath)
  }

  /// Zipf(1.2) by rejection (Devroye, "Non-Uniform Random Variate Generation", X.6), folded into the entities.
  private static func entity(_ random: inout Random) -> Int64 {
    let b = pow(2.0, 0.2)
    while true {
      let x = pow(1 - random.unit(), -5).rounded(.down)
      let v = random.unit()
      guard x >= 1, x < 0x1p62 else { continue }
      let t = pow(1 + 1 / x, 0.2)
      if v * x * (t - 1) / (b - 1) <= t / b { return Int64(x) % Int64(entities) }
    }
  }

  private func write(_ name: String, _ numbers: [Int64]) throws {
    try numbers.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: "\(directory)/\(name)")) }
  }

  func read(_ name: String) throws -> [Int64] {
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(directory)/\(name)"))
    return data.withUnsafeBytes { Array($0.bindMemory(to: Int64.self)) }
  }

  private func fill(_ path: String) throws {
    try? FileManager.default.removeItem(atPath: path)
    let store = try Store.create(at: path)
    defer { store.close() }
    let spec = TableSpec.timeline("events", fields: [TimelineFieldSpec("item", .id)])
    let write = try store.begin([spec])
    let timeline = try TimelineWriter(write, spec)
    let columns = (try read("event_entity"), try read("event_time"), try read("event_item"))
    for first in stride(from: 0, to: events, by: Self.batch) {
      let range = first..<min(events, first + Self.batch)
      try timeline.append(
        EventColumns(
          entities: columns.0[range].map { UInt64($0) }, times: Array(columns.1[range]),
          fields: [columns.2[range].map { UInt64($0) }]))
      try timeline.flush()
      try write.publish(PublishOptions(goOn: range.upperBound < events))
    }
  }

  func requests() throws -> ViewRequests {
    ViewRequests(ids: [try read("request_entity").map { UInt64($0) }], times: try read("request_time"))
  }
}
