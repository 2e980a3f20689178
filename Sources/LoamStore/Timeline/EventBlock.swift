import LoamSchema

/// Events in columns: what a block holds once decoded.
struct EventBlock: Sendable, Equatable {
  var entities: [ID] = []
  var times: [Timestamp] = []
  var knownAts: [Timestamp] = []
  var arrivals: [UInt64] = []
  /// For each field the bits of each event's value.
  var fields: [[UInt64]]

  init(fields: Int) { self.fields = Array(repeating: [], count: fields) }

  var count: Int { entities.count }

  func key(_ index: Int) -> EventKey {
    EventKey(entity: EntityKey(entities[index]), time: times[index], arrival: arrivals[index])
  }

  /// Events of a block that is older than a field miss it.
  mutating func append(_ other: EventBlock, _ index: Int, _ specs: [TimelineFieldSpec]) {
    entities.append(other.entities[index])
    times.append(other.times[index])
    knownAts.append(other.knownAts[index])
    arrivals.append(other.arrivals[index])
    for (field, spec) in specs.enumerated() {
      fields[field].append(field < other.fields.count ? other.fields[field][index] : spec.missing)
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

  static let rootSalt = RowHash.salt("/event")

  /// hash(arrival; entity, time, known at, then field number and bits of each value that is not missing).
  func rowHash(_ index: Int, _ specs: [TimelineFieldSpec]) -> UInt128 {
    var payload = [entities[index], UInt64(bitPattern: times[index]), UInt64(bitPattern: knownAts[index])]
    for (field, spec) in specs.enumerated() where field < fields.count && fields[field][index] != spec.missing {
      payload.append(UInt64(field))
      payload.append(fields[field][index])
    }
    return payload.withUnsafeBytes { RowHash.of(salt: Self.rootSalt, key: arrivals[index], payload: $0) }
  }
}
