import ArgumentParser
import LoamIngest
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
  @Option(help: "How many events.")
  var limit = 20
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...1_000_000).contains(limit) else {
      throw ValidationError("--limit must be 1 to 1,000,000, found \(limit)")
    }
  }

  func answer(_ console: Console) throws -> TimelineEvents {
    let snapshot = try place.snapshot()
    let schema = try snapshot.schema()
    let declared = schema.timelines.first { $0.name == entity } ?? schema.timelines.first { $0.entity == entity }
    guard let declared else {
      let near = nearestName(to: entity, among: schema.timelines.map(\.name))
      throw CommandError(
        .unknownTable, "the schema declares no timeline '\(entity)'",
        hint: near.map { "Did you mean '\($0)'?" } ?? "It has: \(schema.timelines.map(\.name).joined(separator: ", "))."
      )
    }
    guard let reader = try TimelineReader(snapshot, TableName(.timeline, declared.name)) else {
      throw snapshot.unknown(.timeline, declared.name, "timeline")
    }
    let spaces = Dictionary(schema.ids.map { ($0.name, $0.space) }, uniquingKeysWith: { first, _ in first })
    let names = try IDNames(snapshot, space: spaces[declared.entity] ?? declared.entity)
    let time = try before.map(Self.time) ?? .max
    let events = try reader.events(of: try names.id(id), before: time, knownBy: time, limit: limit)
    if events.isEmpty, let near = try names.suggestion(for: id), near != id {
      console.note("no events of '\(id)'; did you mean '\(near)'?")
    }
    var fieldNames: [String: IDNames] = [:]
    for field in reader.fields where field.kind == .id {
      fieldNames[field.name] = try IDNames(snapshot, space: spaces[field.name] ?? field.name)
    }
    return TimelineEvents(
      timeline: declared.name, version: snapshot.record.version, id: id, fields: reader.fields.map(\.name),
      events: try events.map { try .init($0, reader.fields, fieldNames) })
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

  var page: Page {
    var page = Page(
      .title("\(Quantity.count(events.count, "event")) of \(id) on the timeline \(timeline), newest first"))
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
