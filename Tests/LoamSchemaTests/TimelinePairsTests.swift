import LoamSchema
import Testing

@Suite struct TimelinePairsTests {
  private static func schema(_ pairs: String) throws(SchemaError) -> Schema {
    try Schema.parse(
      yaml: """
        schema: 1
        name: shop
        format: csv
        event_time: {column: time, unit: seconds}
        labels: [click]
        dense: [price]
        ids: [user, item]
        timelines: [{name: clicks, entity: user, fields: [price, item], pairs: \(pairs)}]
        events:
          - {name: buys, entity: user, pairs: item, format: csv, event_time: {column: t, unit: seconds}, ids: [user, item]}
        """, file: "shop.yaml")
  }

  @Test func pairsAreOfAnIDFieldOfTheEventsAndSurviveTheRoundTrip() throws {
    let schema = try Self.schema("item")
    #expect(schema.timelines[0].pairs == "item" && schema.events[0].timelines[0].pairs == "item")
    #expect(try Schema.parse(yaml: schema.yaml, file: "again.yaml") == schema)
  }

  @Test(arguments: ["price", "user", "itme"])
  func anythingElseIsRefused(_ field: String) {
    #expect(throws: SchemaError.self) { try Self.schema(field) }
  }
}
