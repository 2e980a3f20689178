import LoamSchema
import LoamStore

/// One figure of the events of a span before the request.
struct WindowStep: ViewStep {
  let events: BoundEvents
  let take: WindowTake
  let field: Int?
  let offset: Int

  var orderedBy: Int? { events.entity }

  func fill(_ batch: ViewBatch) throws(QueryError) {
    var aggregate = WindowAggregate(take, events.timeline, field: field)
    try QueryError.passing { () throws(StoreError) in
      try events.forEachRequest(batch) { (request) throws(StoreError) in
        aggregate.begin()
        try events.timeline.forEachPast(events.query(batch, request, limit: .max)) { place, _ in
          aggregate.add(place)
        }
        let out = batch.place(request, offset)
        if take.isCount {
          out.storeBytes(of: aggregate.number, as: Int64.self)
        } else {
          out.storeBytes(of: aggregate.real, as: Float.self)
        }
      }
    }
  }
}
