import LoamSchema

/// Events in columns: what waits for a flush, and what a merge reads.
struct EventBlock: Sendable, Equatable {
  var entities: [ID] = []
  var times: [Timestamp] = []
  var knownAts: [Timestamp] = []
  var arrivals: [UInt64] = []
  /// For each field the bits of each event's value.
  var fields: [[UInt64]]

  init(fields: Int) { self.fields = Array(repeating: [], count: fields) }

  var count: Int { entities.count }

  func key(_ index: Int) -> EventKey { EventKey(entities[index], times[index], arrivals[index]) }

  /// Events of a block that is older than a field miss it.
  mutating func append(_ other: EventBlock, _ range: Range<Int>, _ specs: [TimelineFieldSpec]) {
    entities.append(contentsOf: other.entities[range])
    times.append(contentsOf: other.times[range])
    knownAts.append(contentsOf: other.knownAts[range])
    arrivals.append(contentsOf: other.arrivals[range])
    for (field, spec) in specs.enumerated() {
      if field < other.fields.count {
        fields[field].append(contentsOf: other.fields[field][range])
      } else {
        fields[field].append(contentsOf: repeatElement(spec.missing, count: range.count))
      }
    }
  }

  mutating func append(_ event: Event, arrival: UInt64, _ bits: [UInt64]) {
    entities.append(event.entity)
    times.append(event.time)
    knownAts.append(event.knownAt)
    arrivals.append(arrival)
    for (field, bits) in bits.enumerated() { fields[field].append(bits) }
  }

  func event(_ index: Int, _ specs: [TimelineFieldSpec]) -> Event {
    let values = specs.enumerated().map { field, spec in
      spec.value(field < fields.count ? fields[field][index] : spec.missing)
    }
    return Event(entity: entities[index], time: times[index], knownAt: knownAts[index], values: values)
  }

  /// The same events by key.
  func sorted() -> EventBlock {
    let order = EventOrder.sorted(self)
    var sorted = EventBlock(fields: 0)
    sorted.entities = order.map { entities[Int($0)] }
    sorted.times = order.map { times[Int($0)] }
    sorted.knownAts = order.map { knownAts[Int($0)] }
    sorted.arrivals = order.map { arrivals[Int($0)] }
    sorted.fields = fields.map { field in order.map { field[Int($0)] } }
    return sorted
  }

  static let rootSalt = RowHash.salt("/event")

  /// hash(arrival; entity, time, known at, then field number and bits of each value that is not missing).
  func rowHash(_ index: Int, _ specs: [TimelineFieldSpec]) -> UInt128 {
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 3 + 2 * specs.count) { payload in
      payload[0] = entities[index]
      payload[1] = UInt64(bitPattern: times[index])
      payload[2] = UInt64(bitPattern: knownAts[index])
      var count = 3
      for (field, spec) in specs.enumerated() where field < fields.count && fields[field][index] != spec.missing {
        payload[count] = UInt64(field)
        payload[count + 1] = fields[field][index]
        count += 2
      }
      return RowHash.of(
        salt: Self.rootSalt, key: arrivals[index],
        payload: UnsafeRawBufferPointer(start: payload.baseAddress, count: count * 8))
    }
  }
}
