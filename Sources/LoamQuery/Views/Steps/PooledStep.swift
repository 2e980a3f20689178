import LoamSchema
import LoamStore

/// The vectors of the last N IDs of an entity as one; zeros where there are none. Events whose ID is missing are passed
/// over; an ID that the model never admitted has the row of `ID.unknown`, as in training.
struct PooledStep: ViewStep {
  let events: BoundEvents
  let field: Int
  let last: Int
  let table: EmbeddingReader
  let pooling: FeatureView.PooledAs
  let offset: Int

  var orderedBy: Int? { events.entity }

  func fill(_ batch: ViewBatch) throws(QueryError) {
    var ids = EventFieldReader(events.timeline, field: field)
    let dimension = table.dimension
    try events.forEachRequest(batch) { (request) throws(QueryError) in
      var history: [ID] = []
      try QueryError.passing { () throws(StoreError) in
        try events.timeline.forEachPast(events.query(batch, request, limit: last)) { place, _ in
          let id = ids.bits(place)
          if id != .missing { history.append(id) }
        }
      }
      let out = batch.place(request, offset)
      out.initializeMemory(as: UInt8.self, repeating: 0, count: dimension * 4)
      guard !history.isEmpty else { return }
      var rows: [RowReference] = []
      for id in history { rows.append(try table.row(of: id)) }
      let values = try table.values("vector", rows)
      for element in 0..<dimension {
        var sum: Float = 0
        for row in rows.indices { sum += values[row * dimension + element] }
        if pooling == .mean { sum /= Float(rows.count) }
        out.storeBytes(of: sum, toByteOffset: element * 4, as: Float.self)
      }
    }
  }
}
