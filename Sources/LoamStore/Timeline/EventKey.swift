import LoamKernels
import LoamSchema

/// The order of events in a segment: by the entity's hash, so that shards and blocks fill evenly, then by time.
///
/// The hash is a bijection: equal hashes are the same entity.
struct EventKey: Comparable {
  var hash: UInt64
  var time: Timestamp
  /// The number of the event in the order of appending, over all shards: decides between equal times.
  var arrival: UInt64

  init(_ entity: ID, _ time: Timestamp, _ arrival: UInt64) {
    hash = loam_mix64(entity)
    self.time = time
    self.arrival = arrival
  }

  @inline(__always)
  static func < (a: Self, b: Self) -> Bool {
    if a.hash != b.hash { return a.hash < b.hash }
    return a.time != b.time ? a.time < b.time : a.arrival < b.arrival
  }
}
