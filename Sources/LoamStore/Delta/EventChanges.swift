import LoamSchema

/// The encoding of events in a delta (`TableChange.encoded`).
enum EventChanges {
  static func encode(_ first: UInt64, _ events: [Event], to writer: inout ByteWriter) {
    let kinds = events.first?.values.map(kind) ?? []
    writer.append(first)
    writer.append(UInt32(events.count))
    writer.append(UInt32(kinds.count))
    writer.append(array: kinds)
    writer.append(array: BytePlanes.split(events.map(\.entity)))
    writer.append(array: BytePlanes.split(BytePlanes.differences(events.map { UInt64(bitPattern: $0.time) })))
    writer.append(array: BytePlanes.split(events.map { UInt64(bitPattern: $0.knownAt &- $0.time) }))
    for field in kinds.indices { writer.append(array: BytePlanes.split(events.map { bits($0.values[field]) })) }
  }

  static func decode(_ reader: inout ByteReader) throws(StoreError) -> (UInt64, [Event]) {
    let first: UInt64 = try reader.number()
    let count = Int(try reader.number(UInt32.self))
    let kinds: [UInt8] = try reader.array(Int(try reader.number(UInt32.self)))
    guard kinds.allSatisfy({ $0 <= 1 }) else { throw reader.damaged("a field of an unknown kind") }
    let entities = BytePlanes.numbers(try reader.array(count * 8))
    let times = BytePlanes.sums(BytePlanes.numbers(try reader.array(count * 8)))
    let delays = BytePlanes.numbers(try reader.array(count * 8))
    var fields: [[UInt64]] = []
    for _ in kinds { fields.append(BytePlanes.numbers(try reader.array(count * 8))) }
    let events = (0..<count).map { index in
      let time = Timestamp(bitPattern: times[index])
      return Event(
        entity: entities[index], time: time, knownAt: time &+ Timestamp(bitPattern: delays[index]),
        values: kinds.indices.map { value(fields[$0][index], kinds[$0]) })
    }
    return (first, events)
  }

  private static func kind(_ value: EventValue) -> UInt8 {
    if case .id = value { 0 } else { 1 }
  }

  private static func bits(_ value: EventValue) -> UInt64 {
    switch value {
    case .id(let id): id
    case .real(let real): UInt64(real.bitPattern)
    }
  }

  private static func value(_ bits: UInt64, _ kind: UInt8) -> EventValue {
    kind == 0 ? .id(bits) : .real(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
  }
}
