/// Running sums of the present, finite values of a real column, added in row order in Double: the same for any cutting
/// into batches.
public struct ColumnStatistics: Codable, Sendable, Equatable {
  public var count: UInt64 = 0
  public var sum = 0.0
  public var sumOfSquares = 0.0

  public init() {}

  mutating func add(_ value: Float) {
    guard value.isFinite else { return }
    count += 1
    sum += Double(value)
    sumOfSquares += Double(value) * Double(value)
  }
}
