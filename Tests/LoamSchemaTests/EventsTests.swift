import Foundation
import LoamSchema
import Testing

@Suite struct EventsTests {
  private static func schema(_ entry: String) -> String {
    """
    schema: 1
    name: shop
    format: csv
    event_time: {column: time, unit: seconds}
    ids: [{name: user, kind: string}]
    timelines: [{name: visits, entity: user, fields: []}]
    events:
    \(entry.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n"))
    """
  }
  private static let entry = """
    - name: buys
      entity: user
      format: {kind: tsv, columns: [time, user, item, price]}
      event_time: {column: time, unit: milliseconds}
      known_at: now
      dense: [price]
      ids: [{name: user, kind: string}, {name: item, kind: integer}]
    """

  @Test func anEventFileHasATimelineOfAllItsOtherFields() throws {
    let schema = try Schema.parse(yaml: Self.schema(Self.entry), file: "s.yaml")
    let events = try #require(schema.events.first)
    #expect(events.timelines == [TimelineField(name: "buys", entity: "user", fields: ["item", "price"])])
    #expect(events.knownAt == .now && events.format.kind == .tsv)
    #expect(schema.allTimelines.map(\.name) == ["visits", "buys"])
    #expect(schema.allIDs.map(\.name) == ["user", "user", "item"])
  }

  @Test func theYAMLFormReadsBackAsTheSameSchema() throws {
    let schema = try Schema.parse(yaml: Self.schema(Self.entry), file: "s.yaml")
    #expect(try Schema.parse(yaml: schema.yaml, file: "again") == schema)
  }

  @Test(arguments: [
    ("entity: user", "entity: usr", "user"), ("name: buys", "name: visits", "earlier"),
    ("kind: string}, ", "kind: integer}, ", "kind"),
    ("item, kind: integer", "item, shape: multi, kind: integer", "several"),
    ("known_at: now", "weight: w", "weight"), ("  event_time: {column: time, unit: milliseconds}\n", "", "event_time"),
  ])
  func aFaultyEventFileIsRefused(part: String, by wrong: String, named: String) throws {
    let text = Self.entry.replacingOccurrences(of: part, with: wrong)
    let error = #expect(throws: SchemaError.self) { try Schema.parse(yaml: Self.schema(text), file: "s.yaml") }
    #expect(error?.message.contains(named) == true, "\(error?.message ?? "")")
  }
}
