import LoamSchema
import LoamStore

/// Fills one feature of a batch's rows. The answer to a request does not depend on the others.
protocol ViewStep: Sendable {
  /// The ID field in whose order of the store it reads.
  var orderedBy: Int? { get }
  func fill(_ batch: ViewBatch) throws(QueryError)
}

extension ViewStep {
  var orderedBy: Int? { nil }
}

/// The events that a step reads, bound to a version's timeline.
struct BoundEvents: Sendable {
  let timeline: TimelineReader
  /// Position of the entity among the view's IDs.
  let entity: Int
  let span: Int64?
  let conditions: [PastQuery.Condition]

  /// Call when a step has read what it needs.
  func finish(_ batch: ViewBatch) { if batch.releasesPages { timeline.releasePages() } }

  func query(_ batch: ViewBatch, _ request: Int, limit: Int) -> PastQuery {
    let before = batch.columns.times[request]
    var since = Timestamp.min
    if let span {
      let (start, overflow) = before.subtractingReportingOverflow(span)
      since = overflow ? .min : start
    }
    return PastQuery(
      batch.columns.ids[entity][request], before: before, knownBy: batch.columns.knownBy[request], since: since,
      conditions: conditions, limit: limit)
  }
}
