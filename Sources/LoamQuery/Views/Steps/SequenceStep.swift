import LoamSchema
import LoamStore

/// The last N values before the request, newest first, then missing ones.
struct SequenceStep: ViewStep {
  let events: BoundEvents
  let field: Int
  let isID: Bool
  let last: Int
  let offset: Int

  var orderedBy: Int? { events.entity }

  func fill(_ batch: ViewBatch) throws(QueryError) {
    var values = EventFieldReader(events.timeline, field: field)
    try QueryError.passing { () throws(StoreError) in
      try events.forEachRequest(batch) { (request) throws(StoreError) in
        let out = batch.place(request, offset)
        var count = 0
        try events.timeline.forEachPast(events.query(batch, request, limit: last)) { place, _ in
          store(values.bits(place), at: count, out)
          count &+= 1
        }
        let missing = isID ? ID.missing : UInt64(Float.nan.bitPattern)
        while count < last {
          store(missing, at: count, out)
          count &+= 1
        }
      }
    }
  }

  @inline(__always)
  private func store(_ bits: UInt64, at index: Int, _ out: UnsafeMutableRawPointer) {
    if isID {
      out.storeBytes(of: bits, toByteOffset: index &* 8, as: UInt64.self)
    } else {
      out.storeBytes(of: UInt32(truncatingIfNeeded: bits), toByteOffset: index &* 4, as: UInt32.self)
    }
  }
}
