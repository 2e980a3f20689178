import LoamSchema

/// The bytes of a block of events, before zstd.
///
/// ```
///   events u32, entities u32, fields u32
///   entity u64 x entities, events of each u32 x entities
///   time i64, each less the one before it      known at i64, less the event's time      arrival u64, less the one before
///   field u64 x events (id) or u32 x events (real), field after field
/// ```
enum EventBlockEncoding {
  /// At most this many bytes before compression.
  static let bytesMax = 64 << 10

  static func eventsMax(fields: [TimelineFieldSpec]) -> Int {
    let bytes = fields.reduce(36) { $0 + ($1.kind == .id ? 8 : 4) }
    return max(1, (bytesMax - 12) / bytes)
  }

  static func encode(_ block: EventBlock, _ specs: [TimelineFieldSpec]) -> [UInt8] {
    var entities: [ID] = []
    var counts: [UInt32] = []
    for entity in block.entities {
      if entities.last == entity {
        counts[counts.count - 1] += 1
      } else {
        entities.append(entity)
        counts.append(1)
      }
    }
    var writer = ByteWriter()
    writer.append(UInt32(block.count))
    writer.append(UInt32(entities.count))
    writer.append(UInt32(specs.count))
    writer.append(array: entities)
    writer.append(array: counts)
    writer.append(array: differences(block.times))
    writer.append(array: zip(block.knownAts, block.times).map { $0 &- $1 })
    writer.append(array: differences(block.arrivals))
    for (field, spec) in specs.enumerated() {
      switch spec.kind {
      case .id: writer.append(array: block.fields[field])
      case .real: writer.append(array: block.fields[field].map { UInt32(truncatingIfNeeded: $0) })
      }
    }
    return writer.bytes
  }

  private static func differences<T: FixedWidthInteger>(_ numbers: [T]) -> [T] {
    var previous: T = 0
    return numbers.map { number in
      defer { previous = number }
      return number &- previous
    }
  }

  private static func sums<T: FixedWidthInteger>(_ differences: [T]) -> [T] {
    var number: T = 0
    return differences.map { difference in
      number &+= difference
      return number
    }
  }

  /// Throws `badBlock` for any bytes that are not `count` events in order.
  static func decode(_ content: [UInt8], count: Int, _ specs: [TimelineFieldSpec], place: String) throws(StoreError)
    -> EventBlock
  {
    try content.reading(place) { (reader) throws(StoreError) in
      let events = Int(try reader.number(UInt32.self))
      guard events == count else { throw reader.damaged("expected \(count) events, found \(events)") }
      let entityCount = Int(try reader.number(UInt32.self))
      let fieldCount = Int(try reader.number(UInt32.self))
      guard fieldCount <= specs.count else {
        throw reader.damaged("\(fieldCount) fields where the timeline has \(specs.count)")
      }
      var block = EventBlock(fields: 0)
      let entities: [ID] = try reader.array(entityCount)
      let counts: [UInt32] = try reader.array(entityCount)
      guard counts.reduce(UInt64(0), { $0 + UInt64($1) }) == UInt64(events) else {
        throw reader.damaged("entities do not have \(events) events")
      }
      // Time, known at and arrival of each follow: no more events than the bytes can hold are made room for.
      guard events <= reader.remaining / 24 else { throw reader.damaged("too few bytes for \(events) events") }
      block.entities.reserveCapacity(events)
      for (entity, count) in zip(entities, counts) {
        block.entities.append(contentsOf: repeatElement(entity, count: Int(count)))
      }
      block.times = sums(try reader.array(events))
      block.knownAts = zip(try reader.array(events, of: Int64.self), block.times).map { $0 &+ $1 }
      block.arrivals = sums(try reader.array(events))
      for spec in specs.prefix(fieldCount) {
        switch spec.kind {
        case .id: block.fields.append(try reader.array(events))
        case .real: block.fields.append(try reader.array(events, of: UInt32.self).map { UInt64($0) })
        }
      }
      try reader.end()
      return block
    }
  }
}
