import LoamSchema
import Testing

@Suite struct RowKeySchemaTests {
  @Test(arguments: [("request_id", ["request_id"]), ("[user, \"at ms\"]", ["user", "at ms"])])
  func aRowKeyIsOneColumnOrSeveralAndSurvivesTheRoundTrip(_ text: String, _ columns: [String]) throws {
    let schema = try Schema.parse(
      yaml: schemaText(
        """
        row_key: \(text)
        ids: [user]
        events:
          - {name: buys, entity: user, row_key: \(text), format: csv, event_time: {column: t, unit: seconds}, ids: [user]}
        """), file: "s.yaml")
    #expect(schema.rowKey == columns && schema.events[0].rowKey == columns)
    #expect(try Schema.parse(yaml: schema.yaml, file: "again.yaml") == schema)
  }

  @Test(arguments: [
    RefusedCase("no column", schemaText("row_key: []\nids: [a]"), .badValue, line: 4, column: 10, says: "at least one"),
    RefusedCase(
      "a column twice", schemaText("row_key: [a, a]\nids: [a]"), .duplicateName, line: 4, column: 14,
      says: "second time"),
    RefusedCase(
      "a column that the format lacks",
      schemaText("row_key: usr\nids: [user]", format: "{kind: csv, columns: [user]}"), .unknownColumn, line: 4,
      column: 10,
      says: "Did you mean 'user'?"),
    RefusedCase(
      "pairs without names", schemaText("row_key: label\nids: [features]", format: "libsvm"), .badValue, line: 4,
      column: 10, says: "no meaning for libsvm"),
  ])
  func isRefused(_ refused: RefusedCase) {
    let error = refusal(of: refused.yaml)
    #expect(error?.reason == refused.reason)
    #expect(error?.message.contains(":\(refused.line):\(refused.column):") == true, "\(error?.message ?? "")")
    for text in refused.says { #expect("\(error?.message ?? "") \(error?.hint ?? "")".contains(text)) }
  }

  @Test func aStoredLogKeepsItsKey() throws {
    func schema(_ key: String) throws -> Schema {
      try Schema.parse(yaml: schemaText(key + "ids: [user]"), file: "s.yaml")
    }
    #expect(
      try schema("row_key: a\n").conflict(replacing: schema("row_key: b\n"))?.contains("the row key is b") == true)
    #expect(try schema("row_key: a\n").conflict(replacing: schema("")) == nil)
    #expect(try schema("").conflict(replacing: schema("row_key: a\n")) == nil)
  }
}
