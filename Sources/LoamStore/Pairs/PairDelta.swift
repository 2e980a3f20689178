import LoamSchema

/// Two different IDs, in no order.
public struct IDPair: Hashable, Comparable, Sendable {
  public let first: ID
  public let second: ID

  /// `nil` where both are the same, or one is missing.
  public init?(_ a: ID, _ b: ID) {
    guard a != b, a != .missing, b != .missing else { return nil }
    (first, second) = (min(a, b), max(a, b))
  }

  public static func < (a: Self, b: Self) -> Bool { (a.first, a.second) < (b.first, b.second) }
}

/// By how much the counts of pairs change.
///
/// A pair is counted each time that its IDs follow each other on one entity's timeline; events that miss the field are
/// passed over, and an ID that follows itself is no pair.
struct PairDelta {
  private(set) var counts: [IDPair: Int64] = [:]

  /// IDs of one entity in the order of its events.
  mutating func add(_ ids: some Sequence<ID>, times factor: Int64) {
    var previous = ID.missing
    for id in ids where id != .missing {
      if let pair = IDPair(previous, id) { counts[pair, default: 0] += factor }
      previous = id
    }
  }

  func less(_ other: PairDelta) -> PairDelta {
    var copy = self
    for (pair, change) in other.counts { copy.counts[pair, default: 0] -= change }
    return copy
  }

  /// Follows the events of a timeline, entity after entity and oldest first, some of which are removed.
  struct Removal {
    private(set) var delta = PairDelta()
    private let field: Int
    private var entity: ID?
    private var previous = ID.missing
    private var previousKept = ID.missing

    init(field: Int) { self.field = field }

    mutating func follow(_ event: Event, isRemoved: Bool) {
      if entity != event.entity { (entity, previous, previousKept) = (event.entity, .missing, .missing) }
      guard field < event.values.count, case .id(let id) = event.values[field], id != .missing else { return }
      if let pair = IDPair(previous, id) { delta.counts[pair, default: 0] -= 1 }
      previous = id
      if isRemoved { return }
      if let pair = IDPair(previousKept, id) { delta.counts[pair, default: 0] += 1 }
      previousKept = id
    }
  }
}
