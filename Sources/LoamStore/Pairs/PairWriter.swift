import LoamSchema

/// Keeps `pairs:TIMELINE` beside a timeline, in the same write.
///
/// ```
///   an entity's events   a ── b ── d          counted: ab, bd
///   c comes, late        a ── b ── c ── d     bd loses one, bc and cd gain one
/// ```
public final class PairWriter {
  public let spec: TableSpec
  private let write: Write
  private let timeline: TableName
  private let field: Int
  private var table: IDTableWriter
  private var reader: TimelineReader?
  /// Of the base's events, where the table is new.
  private var built = PairDelta()
  /// What the table has got since the base.
  private var applied = PairDelta()
  private var stamp: Stamp
  /// Since the base, in the order of appending.
  private var waiting: [ID: [(time: Timestamp, id: ID)]] = [:]

  /// Where the base has the timeline but no counts of it, they are made of its events.
  ///
  /// - Parameter fields: of the timeline.
  public init(_ write: Write, _ spec: TableSpec, fields: [TimelineFieldSpec]) throws(StoreError) {
    self.write = write
    self.spec = write.spec(spec.name)
    timeline = TableName(.timeline, spec.name.name)
    guard let place = fields.firstIndex(where: { $0.name == spec.pairField && $0.kind == .id }) else {
      throw StoreError(
        .mismatch, "\(spec.name): \(timeline) has no field of IDs '\(spec.pairField ?? "")'",
        hint: "It has: \(fields.map(\.name).joined(separator: ", ")).")
    }
    if let known = write.base.spec(spec.name), known.pairField != spec.pairField {
      throw StoreError(
        .mismatch, "\(spec.name) counts pairs of \(known.pairField ?? "?"), not of \(spec.pairField ?? "?")",
        hint: "Give the timeline another name.")
    }
    field = place
    stamp = write.stamp
    table = try IDTableWriter(write, self.spec)
    reader = try TimelineReader(write.base, timeline)
    if write.base.spec(spec.name) == nil, let reader { try build(reader) }
  }

  private func build(_ reader: TimelineReader) throws(StoreError) {
    for entity in try reader.entities() {
      built.add(try past(PastQuery(entity), reader).reversed().map(\.id), times: 1)
    }
  }

  /// To be called with the events that the timeline's writer gets, in the same order.
  public func append(entity: ID, time: Timestamp, id: ID) throws(StoreError) {
    if stamp != write.stamp { try rebase() }
    if id != .missing { waiting[entity, default: []].append((time, id)) }
  }

  private func rebase() throws(StoreError) {
    stamp = write.stamp
    (waiting, built, applied) = ([:], PairDelta(), PairDelta())
    try table.rebase()
    reader = try TimelineReader(write.base, timeline)
  }

  /// Puts the counts that the appended events make. May be repeated before the publish.
  public func flush() throws(StoreError) {
    if stamp != write.stamp { try rebase() }
    var delta = built
    for (entity, events) in waiting { try count(entity, events, in: &delta) }
    try Self.apply(delta.less(applied), to: table)
    applied = delta
    try table.flush()
  }

  /// What changes is the entity's past from the event before the oldest new one on.
  private func count(
    _ entity: ID, _ events: [(time: Timestamp, id: ID)], in delta: inout PairDelta
  ) throws(StoreError) {
    let oldest = events.reduce(Timestamp.max) { min($0, $1.time) }
    var old: [(time: Timestamp, id: ID)] = []
    if let reader {
      // Of equal times the one that arrived later comes after: new events follow those that are stored.
      if oldest < .max { old = try past(PastQuery(entity, since: oldest + 1), reader).reversed() }
      if let before = try newest(entity, notAfter: oldest, reader) { old.insert(before, at: 0) }
    }
    delta.add(old.map(\.id), times: -1)
    let merged = (old + events).enumerated().sorted {
      ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
    }
    delta.add(merged.map(\.element.id), times: 1)
  }

  /// The newest event that has the field.
  private func newest(
    _ entity: ID, notAfter time: Timestamp, _ reader: TimelineReader
  ) throws(StoreError) -> (time: Timestamp, id: ID)? {
    let before = time < .max ? time + 1 : time
    var limit = 1
    while true {
      let found = try past(PastQuery(entity, before: before, knownBy: .max, limit: limit), reader, all: true)
      if let event = found.first(where: { $0.id != .missing }) { return event }
      if found.count < limit { return nil }
      limit *= 16
    }
  }

  /// Newest first; events without the field are left out, unless `all` are wanted.
  private func past(
    _ query: PastQuery, _ reader: TimelineReader, all: Bool = false
  ) throws(StoreError) -> [(time: Timestamp, id: ID)] {
    var values = EventFieldReader(reader, field: field)
    var found: [(time: Timestamp, id: ID)] = []
    // A timeline that is older than the field misses it everywhere.
    guard field < reader.fields.count else { return [] }
    try reader.forEachPast(query) { place, time in
      let id = values.bits(place)
      if all || id != .missing { found.append((time, id)) }
    }
    return found
  }

  /// Changes counts; the rows of pairs that have none left go.
  static func apply(_ delta: PairDelta, to table: IDTableWriter) throws(StoreError) {
    for (pair, change) in delta.counts.sorted(by: { $0.key < $1.key }) where change != 0 {
      let row = try table.findOrInsert(pair.key)
      func number(_ column: Int) throws(StoreError) -> UnsafeMutablePointer<UInt64> {
        try table.mutableRow(column, row).assumingMemoryBound(to: UInt64.self)
      }
      let (first, second, count) = (
        try number(TableSpec.pairFirst), try number(TableSpec.pairSecond), try number(TableSpec.pairCount)
      )
      if count.pointee == 0 { (first.pointee, second.pointee) = (pair.first, pair.second) }
      guard first.pointee == pair.first, second.pointee == pair.second else {
        throw StoreError(
          .hashCollision,
          "\(table.spec.name): the pairs (\(pair.first), \(pair.second)) and (\(first.pointee), \(second.pointee)) "
            + "have one hash", hint: "Leave the pairs of this timeline out of the schema.")
      }
      let (sum, isWrong) = Int64(bitPattern: count.pointee).addingReportingOverflow(change)
      guard !isWrong, sum >= 0 else {
        throw StoreError(
          .badBlock,
          "\(table.spec.name): the pair (\(pair.first), \(pair.second)) counts \(count.pointee), "
            + "and \(-change) of them go")
      }
      count.pointee = UInt64(sum)
      if sum == 0 { try table.remove(pair.key) }
    }
  }
}
