import Dispatch
import LoamSchema
import LoamStore
import Synchronization

/// A view at one version of a store: answers requests, one or many, by the same plan.
///
/// ```swift
/// let reader = try ViewReader(snapshot, view)
/// let row = try reader.answer([user, item], at: now)          // one request
/// try reader.fill(requests, into: rows)                       // [requests, rowBytes]
/// ```
///
/// An answer depends on the request and the version alone, not on what is asked beside it: a training set and what is
/// served agree to the bit. May be used from several threads.
public final class ViewReader: Sendable {
  public let view: FeatureView
  public let layout: ViewLayout
  private let steps: [any ViewStep]
  /// ID fields that order the requests for a step.
  private let ordered: [Bool]

  /// Requests that a lane takes at a time.
  private static let laneRequests = 4_096

  /// Throws `QueryError` where the version lacks a table, field or column that the view names.
  public init(_ snapshot: Snapshot, _ view: FeatureView) throws(QueryError) {
    let plan = try ViewPlan(snapshot, view)
    (self.view, layout, steps) = (view, plan.layout, plan.steps)
    ordered = view.ids.indices.map { field in plan.steps.contains { $0.orderedBy == field } }
  }

  /// Answers requests: `[requests, rowBytes]`, row by row as `layout` says.
  ///
  /// - Parameter threads: at most so many lanes; answers do not depend on it.
  public func fill(
    _ requests: ViewRequests, into rows: UnsafeMutableRawBufferPointer, threads: Int = 1
  ) throws(QueryError) {
    precondition(
      requests.ids.count == view.ids.count && requests.ids.allSatisfy { $0.count == requests.count }
        && requests.knownBy.count == requests.count, "\(view.ids.count) IDs and a time for each request")
    precondition(rows.count == requests.count * layout.rowBytes, "\(layout.rowBytes) bytes for each request")
    guard let start = rows.baseAddress else { return }
    guard threads > 1, requests.count > Self.laneRequests else {
      return try fill(requests, 0..<requests.count, start)
    }
    let lane = min(Self.laneRequests, (requests.count + threads - 1) / threads)
    let pieces = (requests.count + lane - 1) / lane
    let work = LaneWork(start)
    DispatchQueue.concurrentPerform(iterations: min(threads, pieces)) { _ in
      while let piece = work.next(of: pieces) {
        do throws(QueryError) {
          try fill(requests, piece * lane..<min(requests.count, (piece + 1) * lane), work.rows)
        } catch { work.fail(error) }
      }
    }
    if let error = work.error { throw error }
  }

  private func fill(
    _ requests: ViewRequests, _ range: Range<Int>, _ rows: UnsafeMutableRawPointer
  ) throws(QueryError) {
    let batch = ViewBatch(requests, range, rows, rowBytes: layout.rowBytes, ordered: ordered)
    for step in steps { try step.fill(batch) }
  }

  /// Answers one request: an ID for each of the view's fields, at a time.
  public func answer(_ ids: [ID], at time: Timestamp, knownBy: Timestamp? = nil) throws(QueryError) -> ViewRow {
    var bytes = [UInt8](repeating: 0, count: layout.rowBytes)
    let requests = ViewRequests(ids: ids.map { [$0] }, times: [time], knownBy: [knownBy ?? time])
    // The standard library's closures keep no typed error, hence the Result.
    let result = bytes.withUnsafeMutableBytes { rows -> Result<Void, QueryError> in
      do throws(QueryError) { return .success(try fill(requests, into: rows)) } catch { return .failure(error) }
    }
    try result.get()
    return ViewRow(layout: layout, bytes: bytes)
  }
}

/// What lanes share: which piece is next, and the first failure.
private final class LaneWork: @unchecked Sendable {
  // Lanes write rows of different pieces.
  let rows: UnsafeMutableRawPointer
  private let taken = Atomic<Int>(0)
  private let failure = Mutex<QueryError?>(nil)

  init(_ rows: UnsafeMutableRawPointer) { self.rows = rows }

  func next(of pieces: Int) -> Int? {
    let piece = taken.wrappingAdd(1, ordering: .relaxed).oldValue
    return piece < pieces && error == nil ? piece : nil
  }
  func fail(_ error: QueryError) { failure.withLock { $0 = $0 ?? error } }
  var error: QueryError? { failure.withLock { $0 } }
}
