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
  /// Requests between two times that pages are given back.
  private let requestsPerRelease: Int

  /// What a lane that gives back pages has mapped of a timeline before it does, as a rule.
  private static let mappedBytes = 32 << 20

  init(timeline: TimelineReader, entity: Int, span: Int64?, conditions: [PastQuery.Condition]) {
    (self.timeline, self.entity, self.span, self.conditions) = (timeline, entity, span, conditions)
    requestsPerRelease = max(1, Self.mappedBytes / max(timeline.largestBlockBytes, 1))
  }

  /// Calls `body` with each request of the share, in the order of the entities, and gives back pages that were read where
  /// the batch asks for it.
  @inline(__always)
  func forEachRequest<Failure: Error>(
    _ batch: ViewBatch, _ body: (Int) throws(Failure) -> Void
  ) throws(Failure) {
    var left = requestsPerRelease
    try batch.forEachRequest(orderedBy: entity) { (request) throws(Failure) in
      try body(request)
      left &-= 1
      if left == 0 {
        left = requestsPerRelease
        if batch.releasesPages { timeline.releasePages() }
      }
    }
    if batch.releasesPages { timeline.releasePages() }
  }

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
