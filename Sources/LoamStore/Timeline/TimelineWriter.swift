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
  private var nextArrival: UInt64 = 0
  /// By shard, in order of arrival.
  private var waiting: [EventBlock] = []
  private var delta: UInt128 = 0
  private var stamp: Stamp
  /// The base's events and those appended since.
  public private(set) var eventCount = 0

  /// Segments of a level before they are merged into one of the next.
  static let fanIn = 8

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
      let shard = Sharding.shard(of: event.entity, count: waiting.count)
      waiting[shard].append(event, arrival: nextArrival, bits)
      delta &+= waiting[shard].rowHash(waiting[shard].count - 1, fields)
      nextArrival += 1
      eventCount += 1
    }
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
    var cursors = [SegmentCursor(sorted(waiting[number]))]
    var level: UInt32 = 0
    var merged: [TimelineMeta.Segment] = []
    while true {
      let same = meta.segments.filter { $0.level == level }
      guard same.count + 1 >= Self.fanIn else { break }
      for segment in same { cursors.append(try SegmentCursor(base, segment)) }
      merged += same
      meta.segments.removeAll { $0.level == level }
      level += 1
    }
    let batch = BlockBatch()
    var builder = SegmentBuilder(
      write, spec, fields, shard: number, number: meta.nextSegment, level: level, batch: batch)
    while let next = cursors.indices.filter({ cursors[$0].key != nil }).min(by: { cursors[$0].key! < cursors[$1].key! })
    {
      try builder.append(cursors[next].block, cursors[next].position)
      try cursors[next].advance()
    }
    try builder.finish()
    for segment in merged {
      batch.append(
        segment.blocks.indices.map { .deletion(TimelineMeta.address(spec, segment: segment.number, block: $0)) })
    }
    meta.segments.append(builder.segment)
    meta.nextSegment += 1
    meta.nextArrival = nextArrival
    batch.append(meta.bytes, at: TimelineMeta.address(spec), rows: 1)
    try batch.put(write, shard: number)
  }

  private func sorted(_ block: EventBlock) -> EventBlock {
    let keys = (0..<block.count).map { block.key($0) }
    var sorted = EventBlock(fields: fields.count)
    for index in keys.indices.sorted(by: { keys[$0] < keys[$1] }) { sorted.append(block, index, fields) }
    return sorted
  }
}
