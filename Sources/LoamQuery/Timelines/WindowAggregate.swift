import LoamSchema
import LoamStore

/// What is taken of the events of a window.
public enum WindowTake: String, Sendable, Codable, CaseIterable {
  /// Events.
  case count
  /// Of a real field; missing values do not count. Without any value `sum` is 0, the others are NaN.
  case sum, mean, min, max
  /// Different values of a field, missing ones left out.
  case distinct

  public var needsField: Bool { self != .count }
  /// Numbers of things rather than reals.
  public var isCount: Bool { self == .count || self == .distinct }
}

/// Takes one figure of an entity's events. Sums are kept in f64, newest event first, so that the same events give the
/// same bits, however they are stored.
struct WindowAggregate {
  let take: WindowTake
  private var field: EventFieldReader?
  private let missing: UInt64
  private var count = 0
  private var sum = 0.0
  private var extreme = Float.nan
  private var seen: Set<UInt64> = []

  init(_ take: WindowTake, _ reader: TimelineReader, field: Int?) {
    self.take = take
    self.field = field.map { EventFieldReader(reader, field: $0) }
    missing = field.map { reader.fields[$0].kind == .id ? ID.missing : UInt64(Float.nan.bitPattern) } ?? 0
  }

  mutating func begin() {
    (count, sum, extreme) = (0, 0, .nan)
    if !seen.isEmpty { seen.removeAll(keepingCapacity: true) }
  }

  mutating func add(_ place: EventPlace) {
    guard take != .count else {
      count += 1
      return
    }
    guard let bits = field?.bits(place), bits != missing else { return }
    let value = Float(bitPattern: UInt32(truncatingIfNeeded: bits))
    count += 1
    switch take {
    case .count: break
    case .distinct: seen.insert(bits)
    case .sum, .mean: sum += Double(value)
    case .min: extreme = extreme.isNaN ? value : Swift.min(extreme, value)
    case .max: extreme = extreme.isNaN ? value : Swift.max(extreme, value)
    }
  }

  /// Of `count` and `distinct`.
  var number: Int64 { Int64(take == .distinct ? seen.count : count) }

  /// Of the others.
  var real: Float {
    switch take {
    case .sum: Float(sum)
    case .mean: count == 0 ? .nan : Float(sum / Double(count))
    default: extreme
    }
  }
}
