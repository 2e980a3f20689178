import LoamSchema
import Synchronization

/// One shard of a timeline as a snapshot shows it. Decoded blocks are kept, up to a number of events.
final class TimelineShard: Sendable {
  let snapshot: Snapshot
  let spec: TableSpec
  let fields: [TimelineFieldSpec]
  let number: Int
  let meta: TimelineMeta

  private static let cachedEventsMax = 200_000

  private struct Cache {
    var blocks: [UInt64: EventBlock] = [:]
    var events = 0
  }
  private let cache = Mutex(Cache())

  init(_ snapshot: Snapshot, _ spec: TableSpec, _ fields: [TimelineFieldSpec], number: Int) throws(StoreError) {
    (self.snapshot, self.spec, self.fields, self.number) = (snapshot, spec, fields, number)
    meta = try TimelineMeta(snapshot, spec, shard: number)
  }

  func block(_ segment: TimelineMeta.Segment, _ index: Int, keep: Bool) throws(StoreError) -> EventBlock {
    let address = TimelineMeta.address(spec, segment: segment.number, block: index)
    if let known = cache.withLock({ $0.blocks[address.block] }) { return known }
    let place = "\(spec.name) shard \(number) segment \(segment.number) block \(index)"
    guard let stored = try snapshot.block(address, shard: number) else {
      throw StoreError(.badBlock, "\(place) is missing")
    }
    let block = try EventBlockEncoding.decode(
      try stored.content(), count: segment.blocks[index].events, fields, place: place)
    guard keep else { return block }
    cache.withLock { cache in
      if cache.events > Self.cachedEventsMax { cache = Cache() }
      if cache.blocks.updateValue(block, forKey: address.block) == nil { cache.events += block.count }
    }
    return block
  }

  /// Appends to `found` the newest visible events of an entity in one segment, newest first, at most `limit`.
  func collect(
    _ segment: TimelineMeta.Segment, _ entity: EntityKey, before: Timestamp, knownBy: Timestamp, limit: Int,
    into found: inout [(arrival: UInt64, event: Event)]
  ) throws(StoreError) {
    // The last block whose first entity is not beyond ours; ours may begin in blocks before it.
    var low = 0
    var high = segment.blocks.count
    while low < high {
      let middle = (low + high) / 2
      if segment.blocks[middle].first <= entity { low = middle + 1 } else { high = middle }
    }
    var taken = 0
    var index = low - 1
    while index >= 0 && taken < limit {
      let block = try block(segment, index, keep: true)
      guard let own = block.range(of: entity) else { return }
      for position in own.reversed() where block.times[position] < before && block.knownAts[position] <= knownBy {
        found.append((block.arrivals[position], block.event(position, fields)))
        taken += 1
        if taken == limit { return }
      }
      if own.lowerBound > 0 { return }
      index -= 1
    }
  }
}

extension EventBlock {
  /// The positions of an entity's events; `nil` where it has none.
  fileprivate func range(of entity: EntityKey) -> Range<Int>? {
    func firstPosition(where isBeyond: (EntityKey) -> Bool) -> Int {
      var low = 0
      var high = count
      while low < high {
        let middle = (low + high) / 2
        if isBeyond(EntityKey(entities[middle])) { high = middle } else { low = middle + 1 }
      }
      return low
    }
    let first = firstPosition { $0 >= entity }
    let end = firstPosition { $0 > entity }
    return first < end ? first..<end : nil
  }
}
