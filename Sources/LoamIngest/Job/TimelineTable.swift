import LoamSchema
import LoamStore

/// A timeline that rows of the log become events of.
struct TimelineTable {
  private enum Value {
    case id(String)
    case real(String)
  }
  private let writer: TimelineWriter
  private let timeline: TimelineField
  private let values: [Value]
  /// With the place of its field among the event's.
  private let pairs: (writer: PairWriter, field: Int)?

  /// Of the table of its pairs, where they are counted.
  static func pairSpec(_ timeline: TimelineField) -> TableSpec? {
    timeline.pairs.map { .pairs(timeline: timeline.name, field: $0) }
  }

  static func spec(_ timeline: TimelineField, _ schema: Schema) -> TableSpec {
    let fields = timeline.fields.map { name in
      TimelineFieldSpec(name, schema.ids.contains { $0.name == name } ? .id : .real)
    }
    return .timeline(timeline.name, fields: fields)
  }

  /// Fields are only ever added, at the end.
  static func check(_ spec: TableSpec, _ stored: TableSpec?) throws(StoreError) {
    guard let had = try stored?.timelineFields() else { return }
    let wanted = try spec.timelineFields()
    if wanted.starts(with: had) { return }
    throw StoreError(
      .mismatch,
      "\(spec.name) has the fields \(had.map(\.name).joined(separator: ", ")), the schema declares "
        + wanted.map(\.name).joined(separator: ", "),
      hint: "Keep the fields and their order, and add new ones at the end; or give the timeline another name.")
  }

  init(_ write: Write, _ timeline: TimelineField, _ schema: Schema) throws(StoreError) {
    self.timeline = timeline
    writer = try TimelineWriter(write, write.spec(TableName(.timeline, timeline.name)))
    if let spec = Self.pairSpec(timeline), let field = writer.fields.firstIndex(where: { $0.name == spec.pairField }) {
      pairs = (try PairWriter(write, spec, fields: writer.fields), field)
    } else {
      pairs = nil
    }
    values = timeline.fields.map { name in
      if schema.ids.contains(where: { $0.name == name }) { return .id("id/\(name)") }
      return .real(schema.dense.contains { $0.name == name } ? "dense/\(name)" : "label/\(name)")
    }
  }

  /// Appends the rows that meet the timeline's conditions and have an entity, in the order of the log.
  func add(_ group: RowGroup) throws(StoreError) {
    guard case .ids(let entities)? = group.columns["id/\(timeline.entity)"],
      case .time(let times)? = group.columns["time/event"], case .time(let known)? = group.columns["time/known"]
    else {
      if group.rowCount == 0 { return }
      throw StoreError(
        .notAllowed, "timeline \(timeline.name) needs an event time and the ID field \(timeline.entity)",
        hint: "Declare `event_time` in the schema.")
    }
    let conditions = timeline.when.map { (column: reals(group, "label/\($0.label)"), equals: $0.equals) }
    let columns = values.map { column(group, $0) }
    var events: [Event] = []
    for row in 0..<group.rowCount {
      let code = entities.codes[row]
      if code == CodedIDs.missing || !conditions.allSatisfy({ $0.column[row] == $0.equals }) { continue }
      events.append(
        Event(
          entity: entities.distinct[Int(code)], time: times[row], knownAt: known[row], values: columns.map { $0(row) }))
    }
    try writer.append(events)
    guard let pairs else { return }
    for event in events {
      guard case .id(let id) = event.values[pairs.field] else { continue }
      try pairs.writer.append(entity: event.entity, time: event.time, id: id)
    }
  }

  func flush() throws(StoreError) {
    try writer.flush()
    try pairs?.writer.flush()
  }

  private func column(_ group: RowGroup, _ value: Value) -> (Int) -> EventValue {
    switch value {
    case .id(let name):
      guard case .ids(let ids)? = group.columns[name] else { return { _ in .id(.missing) } }
      return { row in
        let code = ids.codes[row]
        return .id(code == CodedIDs.missing ? .missing : ids.distinct[Int(code)])
      }
    case .real(let name):
      let reals = reals(group, name)
      return { .real(reals[$0]) }
    }
  }

  private func reals(_ group: RowGroup, _ name: String) -> [Float] {
    guard case .real(let values)? = group.columns[name] else {
      return Array(repeating: .nan, count: group.rowCount)
    }
    return values
  }
}
