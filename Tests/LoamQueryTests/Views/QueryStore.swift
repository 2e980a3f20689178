import Foundation
import LoamSchema
import LoamStore

/// A store in a directory of its own, removed with it.
final class QueryStore {
  let store: Store
  private let path: String

  init(shards: Int, schema: String? = nil) throws {
    path = NSTemporaryDirectory() + "loam-query-\(UUID().uuidString)"
    var options = StoreOptions(shards: shards, shardMapBytes: 1 << 30)
    options.schema = schema
    store = try Store.create(at: path, options: options)
  }

  deinit {
    store.close()
    try? FileManager.default.removeItem(atPath: path)
  }

  /// One version that has the events too.
  func append(_ events: [Event], to spec: TableSpec) throws {
    let write = try store.begin([spec])
    let timeline = try TimelineWriter(write, spec)
    try timeline.append(events)
    try timeline.flush()
    try write.publish()
  }
}

/// A generator whose seed a failing test prints.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    var mixed = state ^ state >> 33
    mixed = mixed &* 0xff51_afd7_ed55_8ccd
    return mixed ^ mixed >> 33
  }
}
