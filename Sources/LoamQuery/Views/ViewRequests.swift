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

/// Some of the requests, and where their answers go. What a step of a view works on.
struct ViewBatch {
  let requests: ViewRequests
  let range: Range<Int>
  /// Row 0 of all requests.
  let rows: UnsafeMutableRawPointer
  let rowBytes: Int
  /// For each ID field, the requests of the range in the order in which the store keeps their entities: neighbours
  /// read the same blocks.
  let orders: [[Int]]

  /// Fewer requests are as fast in any order.
  private static let orderedMin = 64

  init(_ requests: ViewRequests, _ range: Range<Int>, _ rows: UnsafeMutableRawPointer, rowBytes: Int, ordered: [Bool]) {
    (self.requests, self.range, self.rows, self.rowBytes) = (requests, range, rows, rowBytes)
    orders = ordered.enumerated().map { field, isOrdered in
      guard isOrdered, range.count >= Self.orderedMin else { return Array(range) }
      let ids = requests.ids[field]
      let keyed = range.map { (TimelineReader.storeOrder(of: ids[$0]), requests.times[$0], $0) }
      return keyed.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2)
    }
  }

  @inline(__always)
  func place(_ request: Int, _ offset: Int) -> UnsafeMutableRawPointer { rows + (request &* rowBytes &+ offset) }
}
