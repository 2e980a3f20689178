import LoamSchema
import Testing

@Suite struct SchemaRefusalTests {
  @Test(arguments: [
    RefusedCase("an empty file", "", .missingKey, line: 1, column: 1, says: "the file is empty"),
    RefusedCase("a list at the top", "- a\n", .wrongType, line: 1, column: 1, says: "mapping", "found a list"),
    RefusedCase("an open bracket", "schema: 1\nname: [a\n", .badYAML, line: 3, column: 1, says: "not YAML"),
    RefusedCase(
      "a key given twice", "schema: 1\nname: a\nname: b\n", .duplicateKey, line: 2, column: 1, says: "'name'", "twice"),
    RefusedCase("no version", "name: a\n", .missingKey, line: 1, column: 1, says: "needs the key 'schema'"),
    RefusedCase(
      "a newer version", "schema: 9\nname: a\n", .newerFormat, line: 1, column: 9, says: "version 9", "newer Loam"),
    RefusedCase("version 0", "schema: 0\nname: a\n", .badValue, line: 1, column: 9, says: "must be 1, found 0"),
    RefusedCase(
      "a misspelt key", schemaText("lables: [click]"), .unknownKey, line: 4, column: 1, says: "'lables'",
      "Did you mean 'labels'?"),
    RefusedCase(
      "no field at all", schemaText("weight: w"), .missingKey, line: 1, column: 1, says: "no label, dense or ID field"),
    RefusedCase(
      "a list where a name is due", "schema: 1\nname: [a]\n", .wrongType, line: 2, column: 7,
      says: "'name' must be a text, found a list"),
    RefusedCase(
      "a name with a blank", "schema: 1\nname: my log\n", .badName, line: 2, column: 7, says: "letters", "my log"),
    RefusedCase("an empty name", schemaText("ids: [\"\"]"), .badName, line: 4, column: 7, says: "must not be empty"),
    RefusedCase(
      "a name of 129 letters", schemaText("ids: [\(String(repeating: "a", count: 129))]"), .badName, line: 4, column: 7,
      says: "129 letters", "at most 128"),
    RefusedCase(
      "a key with nothing after it", schemaText("labels:"), .wrongType, line: 4, column: 8,
      says: "'labels' must be a list, found nothing"),
    RefusedCase(
      "a name declared as label and ID", schemaText("labels: [click]\nids:\n  - user\n  - click"), .duplicateName,
      line: 7, column: 5, says: "'click' is declared twice, first on line 4"),
    RefusedCase(
      "a range over a declared name", schemaText("ids: [c2, c1..c3]"), .duplicateName, line: 4, column: 11, says: "'c2'"
    ),
  ])
  func `a wrong file is refused at its line:`(wrong: RefusedCase) { wrong.check() }

  @Test(arguments: [
    RefusedCase(
      "an unknown format", schemaText("", format: "cvs"), .badValue, line: 3, column: 9, says: "'cvs'",
      "Did you mean 'csv'?"),
    RefusedCase(
      "an unknown format key", schemaText("", format: "{kind: csv, delimeter: ';'}"), .unknownKey, line: 3, column: 21,
      says: "Did you mean 'delimiter'?"),
    RefusedCase(
      "a format without kind", schemaText("", format: "{trim: true}"), .missingKey, line: 3, column: 9, says: "'kind'"),
    RefusedCase(
      "a delimiter of two characters", schemaText("", format: "{kind: csv, delimiter: ', '}"), .badValue, line: 3,
      column: 32, says: "one ASCII character", "trim"),
    RefusedCase(
      "an escape in single quotes", schemaText("", format: "{kind: csv, delimiter: '\\t'}"), .badValue, line: 3,
      column: 32, says: "double quotes"),
    RefusedCase(
      "a quote as delimiter", schemaText("", format: "{kind: csv, delimiter: '\"'}"), .badValue, line: 3, column: 32,
      says: "not a quote"),
    RefusedCase(
      "a header and columns", schemaText("", format: "{kind: csv, header: true, columns: [a]}"), .conflictingKey,
      line: 3, column: 35, says: "'format.columns'", "without a header"),
    RefusedCase(
      "neither header nor columns", schemaText("", format: "{kind: csv, header: false}"), .missingKey, line: 3,
      column: 21, says: "'columns' must name"),
    RefusedCase(
      "a header in words", schemaText("", format: "{kind: csv, header: yes}"), .wrongType, line: 3, column: 29,
      says: "true or false, found 'yes'"),
    RefusedCase(
      "a column named twice", schemaText("", format: "{kind: csv, columns: [a, b, a]}"), .duplicateName, line: 3,
      column: 37, says: "'a' a second time"),
    RefusedCase(
      "columns of JSON lines", schemaText("", format: "{kind: jsonl, columns: [a]}"), .conflictingKey, line: 3,
      column: 23, says: "no meaning for jsonl"),
    RefusedCase(
      "a column that the list lacks", schemaText("ids: [usr]", format: "{kind: csv, columns: [user, item]}"),
      .unknownColumn, line: 4, column: 7, says: "no column 'usr'", "Did you mean 'user'?"),
    RefusedCase(
      "a column that libsvm lacks", schemaText("ids: [f1]", format: "libsvm"), .unknownColumn, line: 4, column: 7,
      says: "a libsvm file has no column 'f1'", "label, features"),
    RefusedCase(
      "a time without unit", schemaText("event_time: {column: t}\nids: [a]"), .missingKey, line: 4, column: 13,
      says: "'event_time' needs the key 'unit'"),
    RefusedCase(
      "a time as a word", schemaText("event_time: t\nids: [a]"), .wrongType, line: 4, column: 13,
      says: "{column: NAME, unit: UNIT}", "milliseconds"),
    RefusedCase(
      "an unknown unit", schemaText("event_time: {column: t, unit: second}\nids: [a]"), .badValue, line: 4, column: 31,
      says: "Did you mean 'seconds'?"),
    RefusedCase(
      "known_at of no event time", schemaText("known_at: event_time\nids: [a]"), .missingKey, line: 4, column: 11,
      says: "declares none"),
    RefusedCase(
      "a weight that is a list", schemaText("weight: [w]\nids: [a]"), .wrongType, line: 4, column: 9,
      says: "found a list"),
  ])
  func `a wrong format or time is refused at its line:`(wrong: RefusedCase) { wrong.check() }
}
