import LoamKernels
import LoamSchema

extension TimelineReader {
  /// Calls `body` with the events that are wanted, newest first; of equal times, the one that arrived later comes first.
  ///
  /// Reads what it answers and no more: O(segments x log events + events walked). Allocates where more than one segment
  /// has events of the entity.
  public func forEachPast(_ query: PastQuery, _ body: (EventPlace, Timestamp) -> Void) throws(StoreError) {
    guard query.limit > 0 else { return }
    try snapshot.requireUsable()
    let hash = loam_mix64(query.entity)
    let shard = place(hash: hash).takeUnretainedValue()
    var first: PastCursor?
    var more: [PastCursor] = []
    for segment in shard.places {
      guard let cursor = try PastCursor(shard, segment, hash: hash, query) else { continue }
      if first == nil { first = cursor } else { more.append(cursor) }
    }
    guard var cursor = first else { return }
    var left = query.limit
    if !more.isEmpty {
      more.append(cursor)
      guard let last = try merge(&more, shard, query, &left, body) else { return }
      cursor = last
    }
    while true {
      body(cursor.place, cursor.time)
      left -= 1
      if left == 0 { return }
      if try !cursor.advance(shard, query) { return }
    }
  }

  /// Until one cursor is left, which is given back where more is wanted of it.
  private func merge(
    _ cursors: inout [PastCursor], _ shard: TimelineShard, _ query: PastQuery, _ left: inout Int,
    _ body: (EventPlace, Timestamp) -> Void
  ) throws(StoreError) -> PastCursor? {
    while cursors.count > 1 {
      var newest = 0
      for index in 1..<cursors.count {
        let (time, best) = (cursors[index].time, cursors[newest].time)
        if time > best || (time == best && cursors[index].arrival > cursors[newest].arrival) { newest = index }
      }
      body(cursors[newest].place, cursors[newest].time)
      left -= 1
      if left == 0 { return nil }
      if try !cursors[newest].advance(shard, query) { cursors.remove(at: newest) }
    }
    return cursors[0]
  }

  /// The newest event that is wanted; `nil`: there is none.
  public func newestPast(_ query: PastQuery) throws(StoreError) -> EventPlace? {
    try snapshot.requireUsable()
    let hash = loam_mix64(query.entity)
    let shard = place(hash: hash).takeUnretainedValue()
    var newest: PastCursor?
    for segment in shard.places {
      guard let cursor = try PastCursor(shard, segment, hash: hash, query) else { continue }
      guard let best = newest else {
        newest = cursor
        continue
      }
      if cursor.time > best.time || (cursor.time == best.time && cursor.arrival > best.arrival) { newest = cursor }
    }
    return newest?.place
  }

  /// The event with its values.
  public func event(_ place: EventPlace) -> Event {
    let view = EventBlockView(place.content)
    let values = fields.indices.map { field in
      fields[field].value(field < view.fields ? view.field(field)[place.position] : fields[field].missing)
    }
    return Event(entity: place.entity, time: place.time, knownAt: place.knownAt, values: values)
  }

  /// Where entities lie, for reading many in the order of the store: sort by this.
  @inline(__always)
  public static func storeOrder(of entity: ID) -> UInt64 { loam_mix64(entity) }
}
