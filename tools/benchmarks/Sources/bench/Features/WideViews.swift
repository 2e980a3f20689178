import Foundation
import LoamQuery
import LoamStore

/// Ten timelines of a hundred reals each, as ten feature views of a feature store, with some events an entity.
struct WideViews {
  static let views = 10
  static let width = 100
  static let entities = 10_000
  static let step: Int64 = 3_600_000_000

  let path: String
  let eventsPerEntity: Int

  init(at scratch: String, eventsPerEntity: Int) throws {
    self.eventsPerEntity = eventsPerEntity
    path = "\(scratch)/views-\(eventsPerEntity)"
    if FileManager.default.fileExists(atPath: path) { return }
    note("building \(path)")
    try? FileManager.default.removeItem(atPath: path + ".partial")
    let store = try Store.create(at: path + ".partial")
    var random = Random(1)
    for view in 0..<Self.views {
      let spec = TableSpec.timeline("v\(view)", fields: (0..<Self.width).map { TimelineFieldSpec("f\($0)", .real) })
      let write = try store.begin([spec])
      let timeline = try TimelineWriter(write, spec)
      let events = Self.entities * eventsPerEntity
      let batch = min(events, 200_000)
      for first in stride(from: 0, to: events, by: batch) {
        let range = first..<min(events, first + batch)
        try timeline.append(
          EventColumns(
            entities: range.map { UInt64($0 % Self.entities) },
            times: range.map { Int64($0 / Self.entities) * Self.step },
            fields: (0..<Self.width).map { _ in range.map { _ in UInt64(Float(random.unit()).bitPattern) } }))
        try timeline.flush()
        try write.publish(PublishOptions(goOn: range.upperBound < events))
      }
    }
    store.close()
    try FileManager.default.moveItem(atPath: path + ".partial", toPath: path)
  }

  func reader(_ store: Store, views: Int, fields: Int) throws -> ViewReader {
    let names = (0..<fields).map { "f\($0)" }.joined(separator: ", ")
    let features = (0..<views).map { "  - {name: v\($0), latest: [\(names)], timeline: v\($0)}\n" }.joined()
    return try ViewReader(
      try store.snapshot(),
      try FeatureView.parse(yaml: "view: 1\nname: wide\nids: [user]\nfeatures:\n\(features)", file: "wide"))
  }

  /// Entities at random, at random times after the first event.
  func requests(_ count: Int, seed: UInt64) -> ViewRequests {
    var random = Random(seed)
    return ViewRequests(
      ids: [(0..<count).map { _ in UInt64(random.below(Self.entities)) }],
      times: (0..<count).map { _ in 1 + Int64(random.below(eventsPerEntity)) * Self.step })
  }
}
