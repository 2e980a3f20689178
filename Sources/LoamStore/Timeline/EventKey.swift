import LoamKernels
import LoamSchema

/// Where events lie in a segment: by the entity's hash, so that shards and blocks fill evenly, then by entity.
struct EntityKey: Comparable, Equatable {
  var hash: UInt64
  var entity: ID

  init(_ entity: ID) {
    hash = loam_mix64(entity)
    self.entity = entity
  }

  static func < (a: Self, b: Self) -> Bool { (a.hash, a.entity) < (b.hash, b.entity) }
}

/// The order of events in a segment.
struct EventKey: Comparable {
  var entity: EntityKey
  var time: Timestamp
  /// The number of the event in the order of appending, over all shards: decides between equal times.
  var arrival: UInt64

  static func < (a: Self, b: Self) -> Bool {
    if a.entity != b.entity { return a.entity < b.entity }
    return (a.time, a.arrival) < (b.time, b.arrival)
  }
}
