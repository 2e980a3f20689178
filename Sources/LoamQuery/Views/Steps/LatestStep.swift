import LoamSchema
import LoamStore

/// The last values before the request, of several fields of one kind.
struct LatestStep: ViewStep {
  let events: BoundEvents
  let fields: [Int]
  let isID: Bool
  let offset: Int

  var orderedBy: Int? { events.entity }

  func fill(_ batch: ViewBatch) throws(QueryError) {
    try QueryError.passing { () throws(StoreError) in
      try events.forEachRequest(batch) { (request) throws(StoreError) in
        let out = batch.place(request, offset)
        guard let place = try events.timeline.newestPast(events.query(batch, request, limit: 1)) else {
          for index in fields.indices {
            if isID {
              out.storeBytes(of: ID.missing, toByteOffset: index &* 8, as: ID.self)
            } else {
              out.storeBytes(of: .nan, toByteOffset: index &* 4, as: Float.self)
            }
          }
          return
        }
        events.timeline.copy(place, fields: fields, isID: isID, into: out)
      }
    }
  }
}
