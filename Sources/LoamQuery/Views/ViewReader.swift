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

  /// Fewer requests are not worth a thread, or an order.
  private static let laneRequestsMin = 512
  private static let orderedMin = 64

  /// Throws `QueryError` where the version lacks a table, field or column that the view names.
  public init(_ snapshot: Snapshot, _ view: FeatureView) throws(QueryError) {
    let plan = try ViewPlan(snapshot, view)
    (self.view, layout, steps) = (view, plan.layout, plan.steps)
    ordered = view.ids.indices.map { field in plan.steps.contains { $0.orderedBy == field } }
  }

  /// Answers requests: `[requests, rowBytes]`, row by row as `layout` says.
  ///
  /// - Parameters:
  ///   - threads: at most so many lanes; answers do not depend on it.
  ///   - releasesPages: pages of the store's files count as the process's memory as long as it has them mapped. A join over
  ///     many requests gives them back feature by feature; they stay in the system's cache. Slower for what serves.
  public func fill(
    _ requests: ViewRequests, into rows: UnsafeMutableRawBufferPointer, threads: Int = 1, releasesPages: Bool = false
  ) throws(QueryError) {
    precondition(
      requests.ids.count == view.ids.count && requests.ids.allSatisfy { $0.count == requests.count }
        && requests.knownBy.count == requests.count, "\(view.ids.count) IDs and a time for each request")
    precondition(rows.count == requests.count * layout.rowBytes, "\(layout.rowBytes) bytes for each request")
    guard let start = rows.baseAddress else { return }
    let orders = ordered.enumerated().map { field, isOrdered in
      isOrdered && requests.count >= Self.orderedMin ? RequestOrder.sorted(requests.ids[field]) : nil
    }
    let columns = RequestColumns(requests, orders: orders)
    func share(_ range: Range<Int>) -> ViewBatch {
      ViewBatch(
        columns: columns, rows: start, rowBytes: layout.rowBytes, range: range, releasesPages: releasesPages)
    }
    let lanes = min(threads, requests.count / Self.laneRequestsMin)
    guard lanes > 1 else {
      let whole = share(0..<requests.count)
      for step in steps { try step.fill(whole) }
      return
    }
    let work = LaneWork((0..<lanes).map { share(requests.count * $0 / lanes..<requests.count * ($0 + 1) / lanes) })
    DispatchQueue.concurrentPerform(iterations: lanes) { lane in
      do throws(QueryError) { for step in steps { try step.fill(work.shares[lane]) } } catch { work.fail(error) }
    }
    if let error = work.error { throw error }
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

/// What lanes work on, and the first failure.
private final class LaneWork: @unchecked Sendable {
  // Lanes write different rows of each feature.
  let shares: [ViewBatch]
  private let failure = Mutex<QueryError?>(nil)

  init(_ shares: [ViewBatch]) { self.shares = shares }

  func fail(_ error: QueryError) { failure.withLock { $0 = $0 ?? error } }
  var error: QueryError? { failure.withLock { $0 } }
}
