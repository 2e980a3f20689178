import LoamSchema
import LoamStore

/// The events of one entity, newest first, or those of every block in turn.
final class EventsCursor: SQLCursor {
  private let table: EventsTable
  private let reader: TimelineReader
  private let naming: IDNaming
  private let fieldNamings: [IDNaming?]
  private var fieldReaders: [EventFieldReader]
  private var places: [EventPlace] = []
  private var position = 0
  /// Still to be read.
  private var blocks: ArraySlice<TimelineBlock> = []
  private var passed: Int64 = 0
  private var times = Bounds()
  private var known = Bounds()

  /// `low ..< high`.
  private struct Bounds {
    var low = Timestamp.min
    var high = Timestamp.max

    mutating func narrow(_ comparison: Comparison, _ bound: Int64) {
      let next = bound == .max ? bound : bound + 1
      switch comparison {
      case .equal: (low, high) = (max(low, bound), min(high, next))
      case .greater: low = max(low, next)
      case .atLeast: low = max(low, bound)
      case .less: high = min(high, bound)
      case .atMost: high = min(high, next)
      }
    }
    func contains(_ time: Timestamp) -> Bool { time >= low && (time < high || high == .max) }
  }

  init(_ table: EventsTable) throws(SQLError) {
    self.table = table
    let reader = try table.view.timeline(table.name)
    self.reader = reader
    naming = try table.entityNaming()
    var namings: [IDNaming?] = []
    for field in reader.fields { namings.append(field.kind == .id ? try table.view.naming(field: field.name) : nil) }
    fieldNamings = namings
    fieldReaders = reader.fields.indices.map { EventFieldReader(reader, field: $0) }
  }

  var isAtEnd: Bool { position >= places.count }
  /// Counts events; not the same from query to query.
  var rowID: Int64 { passed }

  func start(_ terms: [SQLTerm]) throws(SQLError) {
    (places, position, blocks, passed, times, known) = ([], 0, [], 0, Bounds(), Bounds())
    var entities: [ID?] = []
    for term in terms {
      switch term.column {
      case EventsTable.entity: entities.append(naming.id(term.value))
      case EventsTable.number: entities.append(term.value.integer.map { ID(bitPattern: $0) })
      default:
        // What is no whole number is compared by SQLite's own rules.
        guard let bound = term.value.integer else { continue }
        if term.column == EventsTable.time {
          times.narrow(term.comparison, bound)
        } else {
          known.narrow(term.comparison, bound)
        }
      }
    }
    let (times, known, reader) = (times, known, reader)
    if let first = entities.first {
      guard let entity = first, entities.allSatisfy({ $0 == entity }) else { return }
      let query = PastQuery(
        entity, before: times.high, knownBy: known.high == .max ? .max : known.high &- 1, since: times.low)
      var found: [EventPlace] = []
      try SQLError.passing { () throws(StoreError) in
        try reader.forEachPast(query) { place, _ in if known.contains(place.knownAt) { found.append(place) } }
      }
      places = found
    } else {
      blocks = reader.blocks()[...]
      try turn()
    }
  }

  func advance() throws(SQLError) {
    position += 1
    passed += 1
    if position == places.count { try turn() }
  }

  /// To the next block that has events of the time.
  private func turn() throws(SQLError) {
    let (times, known, reader) = (times, known, reader)
    while position >= places.count, let block = blocks.popFirst() {
      position = 0
      places = try SQLError.passing { () throws(StoreError) in try reader.places(in: block) }
        .filter { times.contains($0.time) && known.contains($0.knownAt) }
    }
  }

  func write(_ column: Int, to result: SQLResult) throws(SQLError) {
    let place = places[position]
    switch column {
    case EventsTable.entity: result.value(try naming.value(place.entity))
    case EventsTable.number: result.integer(Int64(bitPattern: place.entity))
    case EventsTable.time: result.integer(place.time)
    case EventsTable.knownAt: result.integer(place.knownAt)
    default:
      let field = column - EventsTable.firstField
      let bits = fieldReaders[field].bits(place)
      guard let naming = fieldNamings[field] else {
        return result.real(Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits))))
      }
      if bits == ID.missing { result.null() } else { result.value(try naming.value(bits)) }
    }
  }
}
