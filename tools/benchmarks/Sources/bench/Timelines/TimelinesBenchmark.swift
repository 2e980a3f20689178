import Foundation
import LoamSchema
import LoamStore

/// What appending to timelines writes: segments are merged, so events are written more than once.
struct TimelinesBenchmark: Benchmark {
  let name = "timelines"
  let title = "200,000 entities, batches of 100,000 events (item, value), a commit each"

  private static let entities = 200_000
  private static let batch = 100_000
  /// Entity, time, known-at, an ID, an f32: what an event is before it is encoded.
  private static let eventBytes = 8 + 8 + 8 + 8 + 4
  private static let spec = TableSpec.timeline(
    "bench", fields: [TimelineFieldSpec("item", .id), TimelineFieldSpec("value", .real)])

  func run(_ options: Options, _ add: (Measurement) -> Void) throws {
    let path = "\(options.scratch)/timelines"
    try? FileManager.default.removeItem(atPath: path)
    try FileManager.default.createDirectory(atPath: options.scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let store = try Store.create(at: path)
    defer { store.close() }
    var random = Random(7)
    var items = ZipfRows(1_000_000, seed: 8)
    let batches = max(options.rows / Self.batch, 1)
    let begun = try DiskWrites.bytes()
    var seconds: [Double] = []
    for number in 0..<batches {
      let events = (0..<Self.batch).map { position in
        // Events of a batch lie in one hour.
        let time = (number * Self.batch + position) * 36_000 + random.below(1_000_000)
        return Event(
          entity: Draws.id(UInt32(random.below(Self.entities))), time: Timestamp(time),
          values: [.id(Draws.id(UInt32(items.draw()))), .real(Float(random.below(100)))])
      }
      let start = Clock.wallSeconds()
      let write = try store.begin([Self.spec])
      let timeline = try TimelineWriter(write, Self.spec)
      try timeline.append(events)
      try timeline.flush()
      try write.publish()
      seconds.append(Clock.wallSeconds() - start)
    }
    let written = Double(try DiskWrites.bytes() - begun)
    let count = batches * Self.batch
    let stored = try store.statistics().tables.first { $0.name == Self.spec.name.description }?.bytes ?? 0
    add(
      Measurement(
        name, "written", n: count, unit: "x appended", Rounds(loam: [written / Double(count * Self.eventBytes)]),
        .atMost(4)))
    // The stricter figure: beside what the events take once they are compressed.
    add(Measurement(name, "written", n: count, unit: "x stored", Rounds(loam: [written / Double(stored)])))
    add(
      Measurement(
        name, "append", n: count, unit: "events/s", Rounds(loam: seconds.map { Double(Self.batch) / $0 })))
  }
}
