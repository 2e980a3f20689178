import LoamSchema
import LoamStore
import Testing

@testable import LoamQuery

/// A view beside a reference that looks at every event for every request.
@Suite struct ViewJoinTests {
  static let spec = TableSpec.timeline(
    "user",
    fields: [TimelineFieldSpec("item", .id), TimelineFieldSpec("kind", .id), TimelineFieldSpec("price", .real)])

  static let view = """
    view: 1
    name: all
    ids: [user]
    features:
      - {name: item, latest: item, timeline: user}
      - {name: price, latest: price, timeline: user, where: {kind: 2}}
      - {name: recent, sequence: item, timeline: user, last: 5}
      - {name: prices, sequence: price, timeline: user, last: 7, over: 20us, where: {kind: [0, 2]}}
      - {name: events, window: count, timeline: user}
      - {name: bought, window: count, timeline: user, over: 10us, where: {kind: 1}}
      - {name: spent, window: sum, of: price, timeline: user, over: 30us}
      - {name: mean, window: mean, of: price, timeline: user, over: 15us}
      - {name: least, window: min, of: price, timeline: user}
      - {name: most, window: max, of: price, timeline: user, over: 5us}
      - {name: items, window: distinct, of: item, timeline: user, over: 25us}
    """

  /// Few entities, times and delays, so that ties, late events and equal times are the rule.
  static func events(_ count: Int, _ random: inout Seeded) -> [Event] {
    (0..<count).map { _ in
      let time = Timestamp.random(in: 0..<50, using: &random)
      let late = Bool.random(using: &random) ? 0 : Timestamp.random(in: -3..<30, using: &random)
      let item: EventValue = .id(random.next() % 6 == 0 ? .missing : random.next() % 9)
      let price: EventValue = .real(random.next() % 6 == 0 ? .nan : Float(random.next() % 1_000) / 7)
      return Event(
        entity: random.next() % 12, time: time, knownAt: time + late, values: [item, .id(random.next() % 3), price])
    }
  }

  struct Reference {
    /// Newest first.
    let past: [Event]
    let before: Timestamp

    init(_ model: [Event], _ entity: ID, _ before: Timestamp, _ knownBy: Timestamp) {
      let visible = model.enumerated().filter { $1.entity == entity && $1.time < before && $1.knownAt <= knownBy }
      past = visible.sorted { ($0.element.time, $0.offset) > ($1.element.time, $1.offset) }.map(\.element)
      self.before = before
    }

    func chosen(_ span: Timestamp? = nil, kinds: [ID]? = nil) -> [Event] {
      past.filter { event in
        (span.map { event.time >= before - $0 } ?? true) && (kinds.map { event.values[1].isIn($0) } ?? true)
      }
    }

    func prices(_ span: Timestamp? = nil) -> [Float] {
      chosen(span).compactMap { $0.values[2].real.isNaN ? nil : $0.values[2].real }
    }

    func ids(_ events: [Event], padded count: Int) -> ViewRow.Values {
      let items = events.prefix(count).map(\.values[0].id)
      return .ids(items + Array(repeating: .missing, count: count - items.count))
    }

    func check(_ row: ViewRow) -> Bool {
      let sum = prices(30).reduce(0.0) { $0 + Double($1) }
      let mean = prices(15)
      let meanValue = mean.isEmpty ? Float.nan : Float(mean.reduce(0.0) { $0 + Double($1) } / Double(mean.count))
      let items = Set(chosen(25).map(\.values[0].id)).subtracting([ID.missing])
      let reals = chosen(20, kinds: [0, 2]).prefix(7).map(\.values[2].real)
      return row.values("item") == ids(past, padded: 1) && row.values("recent") == ids(past, padded: 5)
        && row.isReal("price", [chosen(kinds: [2]).first?.values[2].real ?? .nan])
        && row.isReal("prices", reals + Array(repeating: .nan, count: 7 - reals.count))
        && row.values("events") == .numbers([Int64(past.count)])
        && row.values("bought") == .numbers([Int64(chosen(10, kinds: [1]).count)])
        && row.isReal("spent", [Float(sum)]) && row.isReal("mean", [meanValue])
        && row.isReal("least", [prices().min() ?? .nan]) && row.isReal("most", [prices(5).max() ?? .nan])
        && row.values("items") == .numbers([Int64(items.count)])
    }
  }

  @Test func tenThousandJoinsEqualTheBruteForceReference() throws {
    let view = try FeatureView.parse(yaml: Self.view, file: "test")
    var cases = 0
    for seed in UInt64(1)...10 {
      var random = Seeded(seed)
      let scratch = try QueryStore(shards: [1, 4, 7][Int(seed % 3)])
      var model: [Event] = []
      for _ in 0..<(seed % 4 == 0 ? 9 : 2) {
        let events = Self.events(Int.random(in: 1...250, using: &random), &random)
        try scratch.append(events, to: Self.spec)
        model += events
      }
      let reader = try ViewReader(try scratch.store.snapshot(), view)
      let count = 1_000
      let requests = ViewRequests(
        ids: [(0..<count).map { _ in random.next() % 13 }],
        times: (0..<count).map { _ in Timestamp.random(in: -1..<90, using: &random) },
        knownBy: (0..<count).map { _ in Timestamp.random(in: -1..<90, using: &random) })
      let rows = try Self.fill(reader, requests)
      for request in 0..<count {
        let (entity, time, known) = (requests.ids[0][request], requests.times[request], requests.knownBy[request])
        let agrees = Reference(model, entity, time, known).check(rows[request])
        #expect(agrees, "seed \(seed) entity \(entity) before \(time) known by \(known)")
        cases += 1
        guard request < 100 else { continue }
        // Online: one request, the same bytes.
        #expect(try reader.answer([entity], at: time, knownBy: known) == rows[request])
      }
    }
    #expect(cases == 10_000)
  }

  @Test func anEventIngestedAfterTheRequestIsNotInItsAnswer() throws {
    let view = try FeatureView.parse(yaml: Self.view, file: "test")
    for (known, isSeen) in [(Timestamp(20), true), (30, true), (31, false)] {
      let scratch = try QueryStore(shards: 2)
      try scratch.append(
        [
          Event(entity: 1, time: 5, values: [.id(7), .id(1), .real(2)]),
          Event(entity: 1, time: 10, knownAt: known, values: [.id(8), .id(2), .real(3)]),
        ], to: Self.spec)
      let row = try ViewReader(try scratch.store.snapshot(), view).answer([1], at: 30)
      #expect(row.values("item") == .ids([isSeen ? 8 : 7]))
      #expect(row.values("events") == .numbers([isSeen ? 2 : 1]))
      #expect(row.isReal("price", [isSeen ? 3 : .nan]))
    }
  }

  @Test func anAnswerDependsNeitherOnThreadsNorOnWhatIsAskedBesideIt() throws {
    var random = Seeded(77)
    let scratch = try QueryStore(shards: 3)
    try scratch.append(Self.events(2_000, &random), to: Self.spec)
    let reader = try ViewReader(try scratch.store.snapshot(), try FeatureView.parse(yaml: Self.view, file: "test"))
    let count = 9_000
    let requests = ViewRequests(
      ids: [(0..<count).map { _ in random.next() % 13 }],
      times: (0..<count).map { _ in Timestamp.random(in: 0..<60, using: &random) })
    let one = try Self.fill(reader, requests)
    #expect(try Self.fill(reader, requests, threads: 3) == one)
    #expect(try Self.fill(reader, requests, threads: 2, releasesPages: true) == one)
    let some = ViewRequests(ids: [Array(requests.ids[0][500..<530])], times: Array(requests.times[500..<530]))
    #expect(try Self.fill(reader, some) == Array(one[500..<530]))
  }

  static func fill(
    _ reader: ViewReader, _ requests: ViewRequests, threads: Int = 1, releasesPages: Bool = false
  ) throws -> [ViewRow] {
    let size = reader.layout.rowBytes
    var bytes = [UInt8](repeating: 0xAA, count: requests.count * size)
    try bytes.withUnsafeMutableBytes {
      try reader.fill(requests, into: $0, threads: threads, releasesPages: releasesPages)
    }
    return (0..<requests.count).map {
      ViewRow(layout: reader.layout, bytes: Array(bytes[$0 * size..<($0 + 1) * size]))
    }
  }
}

extension EventValue {
  fileprivate var id: ID { if case .id(let id) = self { id } else { .missing } }
  fileprivate var real: Float { if case .real(let real) = self { real } else { .nan } }
  fileprivate func isIn(_ ids: [ID]) -> Bool { ids.contains(id) }
}

extension ViewRow {
  /// By bits, where NaN equals NaN.
  fileprivate func isReal(_ name: String, _ expected: [Float]) -> Bool {
    guard case .real(let values)? = values(name) else { return false }
    return values.count == expected.count
      && zip(values, expected).allSatisfy { $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN) }
  }
}
