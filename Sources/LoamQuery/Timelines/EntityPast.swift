import LoamSchema
import LoamStore

/// Questions about what happened to one entity before a time, as far as it was known by then.
///
/// ```swift
/// let past = EntityPast(timeline, of: user, before: now)
/// let items = try past.last(50)                                   // newest first
/// let clicks = try past.count(over: 7 * 86_400_000_000, where: [.init(field: kind, values: [click])])
/// ```
///
/// Visible are events with `time < before` and `knownAt <= knownBy`. Windows are `[before - over, before)`.
public struct EntityPast: Sendable {
  public let timeline: TimelineReader
  public let entity: ID
  public let before: Timestamp
  public let knownBy: Timestamp

  /// - Parameter knownBy: `before` where it is not given; another time asks what was known then.
  public init(_ timeline: TimelineReader, of entity: ID, before: Timestamp, knownBy: Timestamp? = nil) {
    (self.timeline, self.entity, self.before, self.knownBy) = (timeline, entity, before, knownBy ?? before)
  }

  /// The query for the events of a window; of the whole past without one.
  public func query(
    over microseconds: Int64? = nil, where conditions: [PastQuery.Condition] = [], limit: Int = .max
  ) -> PastQuery {
    var since = Timestamp.min
    if let microseconds {
      let (start, overflow) = before.subtractingReportingOverflow(microseconds)
      since = overflow ? .min : start
    }
    return PastQuery(
      entity, before: before, knownBy: knownBy, since: since, conditions: conditions, limit: limit)
  }

  /// The newest events, newest first; of equal times, the one that arrived later comes first.
  public func last(
    _ count: Int, over microseconds: Int64? = nil, where conditions: [PastQuery.Condition] = []
  ) throws(QueryError) -> [Event] {
    var events: [Event] = []
    try QueryError.passing { () throws(StoreError) in
      try timeline.forEachPast(query(over: microseconds, where: conditions, limit: count)) { place, _ in
        events.append(timeline.event(place))
      }
    }
    return events
  }

  /// The newest event's value of a field; `nil`: there is no event.
  public func latest(
    field: Int, where conditions: [PastQuery.Condition] = []
  ) throws(QueryError) -> EventValue? {
    try last(1, where: conditions).first.map { $0.values[field] }
  }

  public func count(
    over microseconds: Int64? = nil, where conditions: [PastQuery.Condition] = []
  ) throws(QueryError) -> Int {
    Int(try aggregate(.count, field: nil, microseconds, conditions).number)
  }

  /// Different values of a field.
  public func distinct(
    field: Int, over microseconds: Int64? = nil, where conditions: [PastQuery.Condition] = []
  ) throws(QueryError) -> Int {
    Int(try aggregate(.distinct, field: field, microseconds, conditions).number)
  }

  /// `sum`, `mean`, `min` or `max` of a real field.
  public func real(
    _ take: WindowTake, field: Int, over microseconds: Int64? = nil, where conditions: [PastQuery.Condition] = []
  ) throws(QueryError) -> Float {
    precondition(!take.isCount, "\(take) is a number of things")
    return try aggregate(take, field: field, microseconds, conditions).real
  }

  private func aggregate(
    _ take: WindowTake, field: Int?, _ microseconds: Int64?, _ conditions: [PastQuery.Condition]
  ) throws(QueryError) -> WindowAggregate {
    var aggregate = WindowAggregate(take, timeline, field: field)
    try QueryError.passing { () throws(StoreError) in
      try timeline.forEachPast(query(over: microseconds, where: conditions)) { place, _ in aggregate.add(place) }
    }
    return aggregate
  }
}
