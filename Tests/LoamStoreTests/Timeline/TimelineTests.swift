import LoamSchema
import Testing

@testable import LoamStore

/// A timeline beside an array of events in order of arrival.
@Suite struct TimelineTests {
  static let spec = TableSpec.timeline(
    "user", fields: [TimelineFieldSpec("item", .id), TimelineFieldSpec("price", .real)])

  private static func random(_ count: Int, _ random: inout SeededGenerator) -> [Event] {
    (0..<count).map { _ in
      let entity = UInt64.random(in: 0..<40, using: &random)
      let time = Timestamp.random(in: 0..<60, using: &random)
      let late = Bool.random(using: &random) ? 0 : Timestamp.random(in: 0..<30, using: &random)
      let item: EventValue = .id(random.next() % 5 == 0 ? .missing : random.next())
      return Event(entity: entity, time: time, knownAt: time + late, values: [item, .real(Float(random.next() % 100))])
    }
  }

  /// Visible events, newest first by (time, arrival).
  private static func reference(
    _ model: [Event], _ entity: ID, before: Timestamp, knownBy: Timestamp, limit: Int
  ) -> [Event] {
    let visible = model.enumerated().filter { $1.entity == entity && $1.time < before && $1.knownAt <= knownBy }
    return visible.sorted { ($0.element.time, $0.offset) > ($1.element.time, $1.offset) }.prefix(limit).map(\.element)
  }

  @Test(arguments: [1, 4, 7])
  func readsEqualABruteForceReferenceWithTiesAndLateEvents(shards: Int) throws {
    for seed in UInt64(1)...2 {
      var random = SeededGenerator(seed)
      let scratch = try StructureStore(shards: shards)
      let write = try scratch.store.begin([Self.spec])
      let timeline = try TimelineWriter(write, Self.spec)
      var model: [Event] = []
      for round in 0..<20 {
        let events = Self.random(Int.random(in: 1...300, using: &random), &random)
        try timeline.append(events)
        model += events
        try timeline.flush()
        try write.publish(PublishOptions(goOn: true))
        guard round % 5 == 4 else { continue }
        let reader = try #require(try TimelineReader(write.base, Self.spec.name))
        #expect(reader.eventCount == model.count)
        try reader.check()
        #expect(try reader.computeRoot().value == scratch.root(Self.spec.name))
        for _ in 0..<200 {
          let entity = UInt64.random(in: 0..<42, using: &random)
          let before = Bool.random(using: &random) ? .max : Timestamp.random(in: 0..<70, using: &random)
          let knownBy = Bool.random(using: &random) ? .max : Timestamp.random(in: 0..<90, using: &random)
          let limit = Bool.random(using: &random) ? .max : Int.random(in: 0..<12, using: &random)
          #expect(
            try reader.events(of: entity, before: before, knownBy: knownBy, limit: limit)
              == Self.reference(model, entity, before: before, knownBy: knownBy, limit: limit),
            "seed \(seed) round \(round) entity \(entity) before \(before) known by \(knownBy) limit \(limit)")
        }
      }
    }
  }

  @Test func theRootDependsOnTheEventsAlone() throws {
    var random = SeededGenerator(5)
    let events = Self.random(2_000, &random)
    var roots: Set<UInt128> = []
    for (shards, batch) in [(1, 2_000), (4, 99), (7, 777)] {
      let scratch = try StructureStore(shards: shards)
      for start in stride(from: 0, to: events.count, by: batch) {
        let write = try scratch.store.begin([Self.spec])
        let timeline = try TimelineWriter(write, Self.spec)
        try timeline.append(Array(events[start..<min(events.count, start + batch)]))
        try timeline.flush()
        try write.publish()
      }
      roots.insert(try scratch.root(Self.spec.name))
    }
    #expect(roots.count == 1)
  }

  @Test func segmentsStayFewAndAnEntityMaySpanBlocks() throws {
    let scratch = try StructureStore(shards: 1)
    let write = try scratch.store.begin([Self.spec])
    let timeline = try TimelineWriter(write, Self.spec)
    for round in 0..<70 {
      try timeline.append(
        (0..<500).map { Event(entity: 1, time: Timestamp($0), values: [.id(UInt64(round)), .real(0)]) })
      try timeline.flush()
      try write.publish(PublishOptions(goOn: true))
    }
    let reader = try #require(try TimelineReader(write.base, Self.spec.name))
    try reader.check()
    #expect(reader.shards[0].meta.segments.count < 2 * TimelineWriter.fanIn)
    #expect(try write.base.blocks(table: reader.spec.number, column: 1, shard: 0).count > 10)
    let events = try reader.events(of: 1, before: 150)
    #expect(events.count == 150 * 70)
    #expect(events.prefix(70).map(\.values[0]) == (0..<70).reversed().map { EventValue.id(UInt64($0)) })
  }

  @Test func aFieldAddedLaterIsMissingInOlderEvents() throws {
    let scratch = try StructureStore(shards: 1)
    var write = try scratch.store.begin([Self.spec])
    var timeline = try TimelineWriter(write, Self.spec)
    try timeline.append([Event(entity: 1, time: 1, values: [.id(7), .real(2)])])
    try timeline.flush()
    try write.publish()
    let wider = TableSpec.timeline("user", fields: try Self.spec.timelineFields() + [TimelineFieldSpec("kind", .id)])
    for time in Timestamp(2)...9 {
      write = try scratch.store.begin([wider])
      timeline = try TimelineWriter(write, wider)
      try timeline.append([Event(entity: 1, time: time, values: [.id(8), .real(3), .id(9)])])
      try timeline.flush()
      try write.publish()
    }
    let reader = try #require(try TimelineReader(scratch.store.snapshot(), wider.name))
    let events = try reader.events(of: 1)
    #expect(events.last?.values == [.id(7), .real(2), .id(.missing)])
    #expect(events.first?.values == [.id(8), .real(3), .id(9)])
    #expect(try reader.computeRoot().value == scratch.root(wider.name))
  }

  @Test func damagedBlocksAreRefusedNotRead() throws {
    var random = SeededGenerator(1)
    let fields = try Self.spec.timelineFields()
    var block = EventBlock(fields: 2)
    for (arrival, event) in Self.random(30, &random).enumerated() {
      block.append(event, arrival: UInt64(arrival), zip(fields, event.values).map { $0.bits($1)! })
    }
    block = block.sorted()
    let bytes = EventBlockEncoding.encode(block)
    let data = EventBlockEncoding.headerBytes + 7 * PackedColumn.descriptorBytes
    #expect(try EventBlockEncoding.decode(bytes, count: 30, fields, place: "") == block)
    for length in 0..<data + 8 {
      #expect(throws: StoreError.self) {
        try EventBlockEncoding.decode(Array(bytes[..<length]), count: 30, fields, place: "")
      }
    }
    for position in bytes.indices {
      var changed = bytes
      changed[position] ^= 0xFF
      _ = try? EventBlockEncoding.decode(changed, count: 30, fields, place: "")
    }
  }

  @Test func aValueOfAnotherKindIsRefused() throws {
    let scratch = try StructureStore(shards: 1)
    let write = try scratch.store.begin([Self.spec])
    let timeline = try TimelineWriter(write, Self.spec)
    let error = #expect(throws: StoreError.self) {
      try timeline.append([Event(entity: 1, time: 1, values: [.real(1)])])
    }
    #expect(error?.reason == .mismatch)
  }

  @Test func columnsAndEventsBecomeTheSame() throws {
    var random = SeededGenerator(3)
    let events = Self.random(3_000, &random)
    var roots: Set<UInt128> = []
    for inColumns in [false, true] {
      let scratch = try StructureStore(shards: 3)
      let write = try scratch.store.begin([Self.spec])
      let timeline = try TimelineWriter(write, Self.spec)
      if inColumns {
        var columns = EventColumns(
          entities: events.map(\.entity), times: events.map(\.time), knownAts: events.map(\.knownAt))
        columns.fields = timeline.fields.enumerated().map { field, spec in events.map { spec.bits($0.values[field])! } }
        try timeline.append(columns)
      } else {
        try timeline.append(events)
      }
      try timeline.flush()
      try write.publish()
      roots.insert(try scratch.root(Self.spec.name))
    }
    #expect(roots.count == 1)
  }

  @Test func removedEventsAreGoneAndTheRestIsAsBefore() throws {
    var random = SeededGenerator(7)
    let scratch = try StructureStore(shards: 2)
    let write = try scratch.store.begin([Self.spec])
    let timeline = try TimelineWriter(write, Self.spec)
    var model: [Event] = []
    for _ in 0..<5 {
      let events = Self.random(200, &random)
      try timeline.append(events)
      model += events
      try timeline.flush()
      try write.publish(PublishOptions(goOn: true))
    }
    #expect(try timeline.remove(where: { _ in true }, entity: 7) == model.count { $0.entity == 7 })
    try write.publish(PublishOptions(goOn: true))
    #expect(try timeline.remove(where: { $0.time < 20 }) == model.count { $0.entity != 7 && $0.time < 20 })
    try write.publish(PublishOptions(goOn: true))
    model.removeAll { $0.entity == 7 || $0.time < 20 }
    let late = Self.random(50, &random)
    try timeline.append(late)
    try timeline.flush()
    try write.publish(PublishOptions(goOn: true))
    model += late
    let reader = try #require(try TimelineReader(write.base, Self.spec.name))
    try reader.check()
    #expect(reader.eventCount == model.count)
    #expect(try reader.computeRoot().value == scratch.root(Self.spec.name))
    for entity in UInt64(0)..<42 {
      #expect(
        try reader.events(of: entity)
          == Self.reference(model, entity, before: .max, knownBy: .max, limit: .max))
    }
  }
}
