import ArgumentParser
import LoamIngest
import LoamQuery
import LoamSchema
import LoamStore

struct TimelineCommand: LoamCommand {
  static let configuration = CommandConfiguration(
    commandName: "timeline", abstract: "What happened to an entity, newest first.",
    discussion: """
      Shown are the events before --before that were known by then: what a model may look at. Times are ISO 8601 (UTC \
      where no zone is given) or microseconds since 1970.
      """)

  @OptionGroup var place: SnapshotArguments
  @Option(help: "The timeline, by its name or by the field of its entities.")
  var entity: String
  @Option(help: "Whose events.")
  var id: String
  @Option(help: "Events before this time, as far as they were known by then.")
  var before: String?
  @Option(help: "As far as they were known by this time, where it is not that of --before.")
  var knownBy: String?
  @Option(help: "Of this span before it alone: 1h, 7d.")
  var over: String?
  @Option(help: "FIELD=VALUE or FIELD=VALUE,VALUE: events of these values alone. May be repeated.")
  var `where`: [String] = []
  @Option(help: "How many events.")
  var limit = 20
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...1_000_000).contains(limit) else {
      throw ValidationError("--limit must be 1 to 1,000,000, found \(limit)")
    }
    if let over, SpanText.microseconds(over) == nil {
      throw ValidationError("--over must be a span of time, found '\(over)'. \(SpanText.hint)")
    }
  }

  func answer(_ console: Console) throws -> TimelineEvents {
    let snapshot = try place.snapshot()
    let schema = try snapshot.schema()
    let declared = try snapshot.timeline(entity)
    guard let reader = try TimelineReader(snapshot, TableName(.timeline, declared.name)) else {
      throw snapshot.unknown(.timeline, declared.name, "timeline")
    }
    let spaces = Dictionary(schema.allIDs.map { ($0.name, $0.space) }, uniquingKeysWith: { first, _ in first })
    let names = try IDNames(snapshot, space: spaces[declared.entity] ?? declared.entity)
    let time = try before.map(Self.time) ?? .max
    let past = EntityPast(
      reader, of: try names.id(id), before: time, knownBy: try knownBy.map(Self.time) ?? time)
    let span = over.flatMap(SpanText.microseconds)
    let chosen = try conditions(reader, schema)
    let events = try past.last(limit, over: span, where: chosen)
    if events.isEmpty, let near = try names.suggestion(for: id), near != id {
      console.note("no events of '\(id)'; did you mean '\(near)'?")
    }
    var fieldNames: [String: IDNames] = [:]
    for field in reader.fields where field.kind == .id {
      fieldNames[field.name] = try IDNames(snapshot, space: spaces[field.name] ?? field.name)
    }
    return TimelineEvents(
      timeline: declared.name, version: snapshot.record.version, id: id, fields: reader.fields.map(\.name),
      events: try events.map { try .init($0, reader.fields, fieldNames) },
      total: try past.count(over: span, where: chosen))
  }

  /// `field=value`, or `field=value,value`.
  private func conditions(_ reader: TimelineReader, _ schema: Schema) throws -> [PastQuery.Condition] {
    try `where`.map { text in
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, let index = reader.fields.firstIndex(where: { $0.name == parts[0] }) else {
        throw CommandError(
          .unknownTable, "'\(text)' names no field of the timeline",
          hint: "Write FIELD=VALUE with one of \(reader.fields.map(\.name).joined(separator: ", ")).")
      }
      let field = reader.fields[index]
      let isString = schema.allIDs.first { $0.name == field.name }?.kind == .string
      return PastQuery.Condition(
        field: index,
        values: try parts[1].split(separator: ",").map { value in
          guard let bits = field.bits(of: String(value), isString: isString) else {
            throw CommandError(.badID, "'\(value)' is no value of \(field.name), which is \(field.kind.rawValue)")
          }
          return bits
        })
    }
  }

  private static func time(_ text: String) throws -> Timestamp {
    if let microseconds = Timestamp(text) { return microseconds }
    guard let time = TimeText.microseconds(text) else {
      throw CommandError(
        .badTime, "'\(text)' is no time", hint: "Write 2025-01-14T12:30:00Z, or microseconds since 1970.")
    }
    return time
  }
}

struct TimelineEvents: Report {
  struct Entry: Encodable {
    var timeMicroseconds: Timestamp
    var knownAtMicroseconds: Timestamp
    /// By field; IDs as they are written in the log.
    var values: [String: LogRows.Cell]

    init(_ event: Event, _ fields: [TimelineFieldSpec], _ names: [String: IDNames]) throws {
      timeMicroseconds = event.time
      knownAtMicroseconds = event.knownAt
      values = [:]
      for (field, value) in zip(fields, event.values) {
        switch value {
        case .id(let id):
          values[field.name] = id == .missing ? .missing : .id(try names[field.name]?.text(id) ?? "\(id)")
        case .real(let real): values[field.name] = real.isNaN ? .missing : .real(real)
        }
      }
    }
  }
  var timeline: String
  var version: UInt64
  var id: String
  var fields: [String]
  var events: [Entry]
  /// Events that were chosen, those beyond the limit among them.
  var total: Int

  var page: Page {
    var page = Page(
      .title(
        (events.count < total ? "\(Quantity.count(events.count)) of " : "")
          + "\(Quantity.count(total, "event")) of \(id) on the timeline \(timeline), newest first"))
    let isLate = events.contains { $0.knownAtMicroseconds != $0.timeMicroseconds }
    var table = Table([.text("time (UTC)")] + (isLate ? [.text("known (UTC)")] : []) + fields.map { .text($0) })
    for event in events {
      var cells = [Quantity.time(event.timeMicroseconds)]
      if isLate { cells.append(Quantity.time(event.knownAtMicroseconds)) }
      table.add(cells + fields.map { (event.values[$0] ?? .missing).text })
    }
    if !events.isEmpty { page.add(.table(table)) }
    page.add(.hint("the past of a moment: --before 2025-01-07T00:00:00Z"))
    return page
  }
}
