import LoamSchema

/// Walks an entity's events in one segment from the newest that is wanted to the oldest.
struct PastCursor {
  /// Of a shard that outlives the cursor.
  private let segment: Unmanaged<TimelineSegment>
  private let hash: UInt64
  private var block: Int
  private var view: EventBlockView
  private var times: PackedColumn
  private var delays: PackedColumn
  /// The entity's events of the block end here, towards the past.
  private var lowest = 0
  private(set) var position = 0
  private(set) var time: Timestamp = 0

  var place: EventPlace { EventPlace(content: view.content, position: position) }
  var arrival: UInt64 { view.arrivals[position] }

  /// `nil`: the segment has no event that is wanted.
  init?(
    _ shard: TimelineShard, _ segment: Unmanaged<TimelineSegment>, hash: UInt64, _ query: PastQuery
  ) throws(StoreError) {
    guard let last = segment._withUnsafeGuaranteedRef({ $0.lastBlock(hash, before: query.before) }) else { return nil }
    (self.segment, self.hash, block) = (segment, hash, last)
    view = try Self.view(shard, segment, last)
    (times, delays) = (view.times, view.delays)
    guard let entity = view.entity(hash: hash) else { return nil }
    enter(entity, query)
    guard try settle(shard, query) else { return nil }
  }

  @inline(__always)
  private static func view(
    _ shard: TimelineShard, _ segment: Unmanaged<TimelineSegment>, _ index: Int
  ) throws(StoreError) -> EventBlockView {
    let word = segment._withUnsafeGuaranteedRef { $0.words[index] }
    if word.isNone || word.isUnverified { return try shard.view(segment.takeUnretainedValue(), index) }
    return EventBlockView(word.content)
  }

  /// Stands behind the newest event of the block that may be wanted.
  private mutating func enter(_ entity: Int, _ query: PastQuery) {
    let own = view.range(entity)
    lowest = own.lowerBound
    var before = query.before
    if delays.isConstant {
      // What is known at a fixed delay is known in the order of time.
      let (last, overflow) = query.knownBy.subtractingReportingOverflow(Timestamp(bitPattern: delays.base))
      if !overflow, last < .max { before = min(before, last + 1) }
    }
    position = view.firstPosition(own, notBefore: before)
  }

  /// Moves to the next older event that is wanted; `false`: there is none.
  @inline(__always)
  mutating func advance(_ shard: TimelineShard, _ query: PastQuery) throws(StoreError) -> Bool {
    try settle(shard, query)
  }

  /// `position` is one past the next candidate.
  private mutating func settle(_ shard: TimelineShard, _ query: PastQuery) throws(StoreError) -> Bool {
    while true {
      while position > lowest {
        position &-= 1
        time = Timestamp(bitPattern: times[position])
        if time < query.since { return false }
        if time &+ Timestamp(bitPattern: delays[position]) <= query.knownBy, meets(query.conditions) { return true }
      }
      // Events of an entity that begins a block may go on in the one before.
      guard lowest == 0, block > 0, segment._withUnsafeGuaranteedRef({ $0.begins(block, with: hash) }) else {
        return false
      }
      block -= 1
      view = try Self.view(shard, segment, block)
      (times, delays) = (view.times, view.delays)
      let last = view.entities - 1
      guard view.hash(last) == hash else { return false }
      enter(last, query)
    }
  }

  @inline(__always)
  private func meets(_ conditions: [PastQuery.Condition]) -> Bool {
    conditions.isEmpty || meetsAll(conditions)
  }

  @inline(never)
  private func meetsAll(_ conditions: [PastQuery.Condition]) -> Bool {
    for condition in conditions {
      guard condition.field < view.fields else { return false }
      if !condition.values.contains(view.field(condition.field)[position]) { return false }
    }
    return true
  }
}
