import LoamSchema
import LoamStore

/// Requests for a view: their IDs, and the times at which they are answered.
public struct ViewRequests: Sendable {
  /// For each ID field of the view the IDs of all requests.
  public var ids: [[ID]]
  /// Events before these are seen.
  public var times: [Timestamp]
  /// As far as they were known by these; the same as `times` where nobody asks otherwise.
  public var knownBy: [Timestamp]

  public init(ids: [[ID]], times: [Timestamp], knownBy: [Timestamp]? = nil) {
    (self.ids, self.times, self.knownBy) = (ids, times, knownBy ?? times)
  }

  public var count: Int { times.count }
}

/// The columns of requests as plain memory: lanes that read them share no reference count.
final class RequestColumns: @unchecked Sendable {
  // Written before any lane begins.
  let ids: UnsafeMutablePointer<UnsafeMutablePointer<ID>>
  let times: UnsafeMutablePointer<Timestamp>
  let knownBy: UnsafeMutablePointer<Timestamp>
  /// For each ID field that some step goes by, the requests in its order.
  let orders: UnsafeMutablePointer<UnsafeMutablePointer<UInt32>?>
  private let fields: Int

  init(_ requests: ViewRequests, orders: [[UInt32]?]) {
    func copy<T: BitwiseCopyable>(_ values: [T]) -> UnsafeMutablePointer<T> {
      let copy = UnsafeMutablePointer<T>.allocate(capacity: values.count)
      copy.initialize(from: values, count: values.count)
      return copy
    }
    fields = requests.ids.count
    ids = copy(requests.ids.map(copy))
    (times, knownBy) = (copy(requests.times), copy(requests.knownBy))
    self.orders = copy(orders.map { $0.map(copy) })
  }

  deinit {
    for field in 0..<fields {
      ids[field].deallocate()
      orders[field]?.deallocate()
    }
    ids.deallocate()
    orders.deallocate()
    times.deallocate()
    knownBy.deallocate()
  }
}

/// A lane's part of the requests, and where their answers go. What a step of a view works on.
struct ViewBatch {
  let columns: RequestColumns
  /// Row 0 of all requests.
  let rows: UnsafeMutableRawPointer
  let rowBytes: Int
  /// This lane's share of the requests: by position for steps that read no timeline, and for each ID field that has an
  /// order, by that. Every request is in one lane's share of each.
  let range: Range<Int>
  /// Steps give back the pages of the store that they have read.
  let releasesPages: Bool

  /// Calls `body` with each request of the share by the order of an ID field.
  @inline(__always)
  func forEachRequest<Failure: Error>(orderedBy field: Int, _ body: (Int) throws(Failure) -> Void) throws(Failure) {
    guard let order = columns.orders[field] else {
      for request in range { try body(request) }
      return
    }
    for position in range { try body(Int(order[position])) }
  }

  @inline(__always)
  func place(_ request: Int, _ offset: Int) -> UnsafeMutableRawPointer { rows + (request &* rowBytes &+ offset) }
}
