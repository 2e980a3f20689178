import LoamSchema
import Testing

@testable import LoamStore

/// Pairs of a timeline beside counts of an array of events.
@Suite struct PairTests {
  private static let timeline = TableSpec.timeline(
    "clicks", fields: [TimelineFieldSpec("price", .real), TimelineFieldSpec("item", .id)])
  private static let pairs = TableSpec.pairs(timeline: "clicks", field: "item")

  private static func events(_ count: Int, _ random: inout SeededGenerator) -> [Event] {
    (0..<count).map { _ in
      Event(
        entity: .random(in: 0..<20, using: &random), time: .random(in: 0..<50, using: &random),
        values: [.real(1), .id(random.next() % 6 == 0 ? .missing : .random(in: 0..<12, using: &random))])
    }
  }

  private static func append(_ events: [Event], _ timeline: TimelineWriter, _ pairs: PairWriter?) throws {
    try timeline.append(events)
    for event in events {
      if case .id(let id) = event.values[1] { try pairs?.append(entity: event.entity, time: event.time, id: id) }
    }
  }

  /// By brute force: sorted by time and arrival, neighbours that differ.
  private static func reference(_ events: [Event]) -> [IDPair: UInt64] {
    var counts: [IDPair: UInt64] = [:]
    for (_, own) in Dictionary(grouping: events.enumerated(), by: { $0.element.entity }) {
      let items = own.sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
        .compactMap { event -> ID? in
          if case .id(let id) = event.element.values[1], id != .missing { id } else { nil }
        }
      for (a, b) in zip(items, items.dropFirst()) { if let pair = IDPair(a, b) { counts[pair, default: 0] += 1 } }
    }
    return counts
  }

  private static func stored(_ store: Store) throws -> [IDPair: UInt64] {
    let reader = try #require(try PairReader(try store.snapshot(), timeline: "clicks"))
    var counts: [IDPair: UInt64] = [:]
    for id in reader.ids {
      for neighbour in reader.neighbours(of: id) { counts[IDPair(id, neighbour.id)!] = neighbour.count }
    }
    #expect(reader.pairCount == counts.count && reader.total == counts.values.reduce(0, +))
    return counts
  }

  @Test(arguments: 1...3)
  func countsAreThoseOfTheEventsHoweverLateTheyCome(seed: UInt64) throws {
    var random = SeededGenerator(seed)
    let scratch = try StructureStore(shards: 3)
    let write = try scratch.store.begin([Self.timeline, Self.pairs])
    let timeline = try TimelineWriter(write, Self.timeline)
    let pairs = try PairWriter(write, Self.pairs, fields: timeline.fields)
    var model: [Event] = []
    for round in 0..<10 {
      for _ in 0...round % 2 {
        let events = Self.events(.random(in: 0...60, using: &random), &random)
        try Self.append(events, timeline, pairs)
        model += events
        // Some batches are put in two parts.
        try timeline.flush()
        try pairs.flush()
      }
      try write.publish(PublishOptions(goOn: true))
      #expect(try Self.stored(scratch.store) == Self.reference(model), "round \(round)")
    }
    write.abandon()
    // One batch of all of them, in another number of shards, and counts that come to a timeline that is there.
    let whole = try StructureStore(shards: 1)
    let first = try whole.store.begin([Self.timeline])
    let events = try TimelineWriter(first, Self.timeline)
    try Self.append(model, events, nil)
    try events.flush()
    try first.publish()
    let second = try whole.store.begin([Self.timeline, Self.pairs])
    try PairWriter(second, Self.pairs, fields: events.fields).flush()
    try second.publish()
    #expect(try whole.root(Self.pairs.name) == scratch.root(Self.pairs.name))
    _ = try scratch.store.verify()
  }

  @Test func whatIsForgottenOrTrimmedIsNotCountedAnyMore() throws {
    var random = SeededGenerator(7)
    let scratch = try StructureStore(shards: 2)
    let write = try scratch.store.begin([Self.timeline, Self.pairs])
    let timeline = try TimelineWriter(write, Self.timeline)
    let pairs = try PairWriter(write, Self.pairs, fields: timeline.fields)
    var model = Self.events(400, &random)
    try Self.append(model, timeline, pairs)
    try timeline.flush()
    try pairs.flush()
    try write.publish()
    _ = try scratch.store.forget(7, timelines: [Self.timeline.name], tables: [])
    model.removeAll { $0.entity == 7 }
    #expect(try Self.stored(scratch.store) == Self.reference(model))
    _ = try scratch.store.trim(Self.timeline.name, oldest: 20)
    model.removeAll { $0.time < 20 }
    #expect(try Self.stored(scratch.store) == Self.reference(model))
    _ = try scratch.store.trim(Self.timeline.name, oldest: .max)
    #expect(try Self.stored(scratch.store).isEmpty)
  }

  @Test func aFieldThatIsNoneOfTheTimelineIsRefused() throws {
    let scratch = try StructureStore(shards: 1)
    let spec = TableSpec.pairs(timeline: "clicks", field: "price")
    let write = try scratch.store.begin([Self.timeline, spec])
    let timeline = try TimelineWriter(write, Self.timeline)
    #expect(throws: StoreError.self) { _ = try PairWriter(write, spec, fields: timeline.fields) }
    write.abandon()
  }
}
