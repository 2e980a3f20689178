import LoamSchema

/// Appends events to a timeline within a write.
///
/// ```
///   flush ─▶ new segment (level 0)     eight of a level become one of the next: an event is written again
///            [0][0][0][0][0][0][0]     once for each power of eight of the flushes
///            ────────[1]──────────
/// ```
///
/// Events may come in any order of time and entity. After a publish that goes on, the writer goes on too.
public final class TimelineWriter {
  public let spec: TableSpec
  public let write: Write
  public let fields: [TimelineFieldSpec]
  /// Above the number of every event.
  private(set) var nextArrival: UInt64 = 0
  /// By shard, in order of arrival.
  private var waiting: [EventBlock] = []
  private var delta: UInt128 = 0
  private var stamp: Stamp
  /// Of the write that events were removed in.
  private var removedStamp: Stamp?
  /// The base's events and those appended since.
  public private(set) var eventCount = 0

  /// Segments of a level before they are merged into one of the next.
  static let fanIn = 4

  public init(_ write: Write, _ spec: TableSpec) throws(StoreError) {
    self.write = write
    self.spec = write.spec(spec.name)
    fields = try self.spec.timelineFields()
    stamp = write.stamp
    for shard in 0..<write.base.shardCount {
      let meta = try TimelineMeta(write.base, self.spec, shard: shard)
      nextArrival = max(nextArrival, meta.nextArrival)
      eventCount += meta.segments.reduce(0) { $0 + $1.events }
      waiting.append(EventBlock(fields: fields.count))
    }
  }

  /// A publish has made what was flushed the base's.
  private func followWrite() {
    guard stamp != write.stamp else { return }
    (stamp, delta) = (write.stamp, 0)
    waiting = waiting.map { _ in EventBlock(fields: fields.count) }
  }

  /// Throws `mismatch` for a value that is not of its field's kind; the events before it are appended then.
  public func append(_ events: [Event]) throws(StoreError) {
    followWrite()
    var bits = [UInt64](repeating: 0, count: fields.count)
    for event in events {
      guard event.values.count <= fields.count else {
        throw StoreError(.mismatch, "\(spec.name): an event with \(event.values.count) of \(fields.count) fields")
      }
      for (index, field) in fields.enumerated() {
        let value = index < event.values.count ? event.values[index] : nil
        guard let ofValue = field.bits(value) else {
          throw StoreError(.mismatch, "\(spec.name): field \(field.name) is \(field.kind.rawValue)")
        }
        bits[index] = ofValue
      }
      append(event, bits)
    }
  }

  /// The same from columns. Throws `mismatch` where they are not as long as each other, or not as many as the fields.
  public func append(_ events: EventColumns) throws(StoreError) {
    followWrite()
    let count = events.entities.count
    guard events.fields.count == fields.count, events.times.count == count, events.knownAts.count == count,
      events.fields.allSatisfy({ $0.count == count })
    else {
      throw StoreError(.mismatch, "\(spec.name): columns of other lengths than \(count), or not \(fields.count) fields")
    }
    var bits = [UInt64](repeating: 0, count: fields.count)
    for row in 0..<count {
      for field in fields.indices {
        let value = events.fields[field][row]
        // Every NaN is the one that means missing.
        let isNaN = fields[field].kind == .real && Float(bitPattern: UInt32(truncatingIfNeeded: value)).isNaN
        bits[field] = isNaN ? fields[field].missing : value
      }
      append(Event(entity: events.entities[row], time: events.times[row], knownAt: events.knownAts[row]), bits)
    }
  }

  /// The next event has this number: numbers of events that were removed are not given again.
  func skip(to arrival: UInt64) {
    followWrite()
    nextArrival = max(nextArrival, arrival)
  }

  private func append(_ event: Event, _ bits: [UInt64]) {
    precondition(removedStamp != stamp, "what was removed is published before events are appended")
    let shard = Sharding.shard(of: event.entity, count: waiting.count)
    waiting[shard].append(event, arrival: nextArrival, bits)
    delta &+= waiting[shard].rowHash(waiting[shard].count - 1, fields)
    nextArrival += 1
    eventCount += 1
  }

  /// Puts what was appended since the base. May be repeated before the publish.
  public func flush() throws(StoreError) {
    followWrite()
    for shard in waiting.indices where waiting[shard].count > 0 { try flush(shard) }
    write.setRoot(spec.name, delta: delta, rows: UInt64(eventCount))
  }

  private func flush(_ number: Int) throws(StoreError) {
    let base = try TimelineShard(write.base, spec, fields, number: number)
    var meta = base.meta
    var cursors = [SegmentCursor(waiting[number].sorted())]
    var level: UInt32 = 0
    var merged: [TimelineMeta.Segment] = []
    while true {
      let same = base.segments.filter { $0.meta.level == level }
      guard same.count + 1 >= Self.fanIn else { break }
      for segment in same { cursors.append(try SegmentCursor(base, segment)) }
      merged += same.map(\.meta)
      meta.segments.removeAll { $0.level == level }
      level += 1
    }
    meta.nextArrival = nextArrival
    try replace(merged, with: &cursors, level: level, &meta, shard: number)
  }

  /// Merges what the cursors hold into a new segment in the place of others.
  private func replace(
    _ merged: [TimelineMeta.Segment], with cursors: inout [SegmentCursor], level: UInt32, _ meta: inout TimelineMeta,
    shard number: Int, keeping isKept: ((EventBlock, Int) -> Bool)? = nil
  ) throws(StoreError) {
    let batch = BlockBatch()
    var builder = SegmentBuilder(
      write, spec, fields, shard: number, number: meta.nextSegment, level: level, batch: batch)
    try SegmentMerge.run(&cursors) { (block, range) throws(StoreError) in
      guard let isKept else { return try builder.append(block, range) }
      for position in range where isKept(block, position) { try builder.append(block, position..<position + 1) }
    }
    try builder.finish()
    for segment in merged {
      batch.append(
        segment.blocks.indices.map { .deletion(TimelineMeta.address(spec, segment: segment.number, block: $0)) })
    }
    if builder.segment.events > 0 { meta.segments.append(builder.segment) }
    meta.nextSegment += 1
    batch.append(meta.bytes, at: TimelineMeta.address(spec), rows: 1)
    try batch.put(write, shard: number)
  }

  /// Removes the base's events that `isRemoved` names, which gets an entity's events oldest first, entity after entity.
  /// Gives their number. Publish before anything is appended; every shard that loses events becomes one segment.
  public func remove(where isRemoved: (Event) -> Bool, entity: ID? = nil) throws(StoreError) -> Int {
    followWrite()
    precondition(waiting.allSatisfy { $0.count == 0 }, "events are removed before others are appended")
    removedStamp = stamp
    var removedCount = 0
    for number in waiting.indices {
      if let entity, Sharding.shard(of: entity, count: waiting.count) != number { continue }
      let base = try TimelineShard(write.base, spec, fields, number: number)
      let removed = try removals(base, entity, isRemoved)
      guard !removed.isEmpty else { continue }
      removedCount += removed.count
      var cursors: [SegmentCursor] = []
      for segment in base.segments { cursors.append(try SegmentCursor(base, segment)) }
      var meta = base.meta
      meta.segments = []
      let level = base.segments.map(\.meta.level).max() ?? 0
      try replace(base.meta.segments, with: &cursors, level: level, &meta, shard: number) { block, position in
        !removed.contains(block.arrivals[position])
      }
    }
    eventCount -= removedCount
    write.setRoot(spec.name, delta: delta, rows: UInt64(eventCount))
    return removedCount
  }

  /// Arrival numbers of the events to remove, their hashes taken from the root.
  private func removals(_ shard: TimelineShard, _ entity: ID?, _ isRemoved: (Event) -> Bool) throws(StoreError)
    -> Set<UInt64>
  {
    var found: Set<UInt64> = []
    var cursors: [SegmentCursor] = []
    for segment in shard.segments { cursors.append(try SegmentCursor(shard, segment)) }
    try SegmentMerge.run(&cursors) { (block, range) throws(StoreError) in
      for position in range where entity == nil || block.entities[position] == entity {
        guard isRemoved(block.event(position, fields)) else { continue }
        found.insert(block.arrivals[position])
        delta &-= block.rowHash(position, fields)
      }
    }
    return found
  }
}
