import LoamSchema
import Testing

@Suite struct FieldRefusalTests {
  @Test(arguments: [
    RefusedCase(
      "an unknown label kind", schemaText("labels:\n  - {name: y, kind: binry}"), .badValue, line: 5, column: 21,
      says: "Did you mean 'binary'?"),
    RefusedCase(
      "classes without kind", schemaText("labels:\n  - {name: y, kind: real, classes: [a, b]}"), .conflictingKey,
      line: 5,
      column: 27, says: "kind class"),
    RefusedCase(
      "kind class without classes", schemaText("labels:\n  - {name: y, kind: class}"), .missingKey, line: 5, column: 15,
      says: "'classes' must list"),
    RefusedCase(
      "one class", schemaText("labels:\n  - {name: y, classes: [a]}"), .badValue, line: 5, column: 24,
      says: "at least 2"),
    RefusedCase(
      "a class twice", schemaText("labels:\n  - {name: y, classes: [a, a]}"), .duplicateName, line: 5, column: 24,
      says: "\"a\" twice"),
    RefusedCase(
      "positive and threshold", schemaText("labels:\n  - {name: y, positive: [a], threshold: 1}"), .conflictingKey,
      line: 5, column: 30, says: "beside 'positive'"),
    RefusedCase(
      "a threshold that is no number", schemaText("labels:\n  - {name: y, threshold: four}"), .wrongType, line: 5,
      column: 26, says: "a number, found 'four'"),
    RefusedCase(
      "a threshold NaN", schemaText("labels:\n  - {name: y, threshold: nan}"), .wrongType, line: 5, column: 26,
      says: "a number"),
    RefusedCase(
      "a positive text that is missing",
      schemaText("labels:\n  - {name: y, positive: [\"?\"]}", format: "{kind: csv, missing: [\"?\"]}"), .badValue,
      line: 5,
      column: 25, says: "reads as missing"),
    RefusedCase(
      "an unknown transform", schemaText("dense:\n  - {name: x, transforms: [log]}"), .badValue, line: 5, column: 28,
      says: "log1p, standardise"),
    RefusedCase(
      "American spelling", schemaText("dense:\n  - {name: x, transforms: [standardize]}"), .badValue, line: 5,
      column: 28,
      says: "Did you mean 'standardise'?"),
    RefusedCase(
      "clip without numbers", schemaText("dense:\n  - {name: x, transforms: [clip]}"), .badValue, line: 5, column: 28,
      says: "needs its numbers"),
    RefusedCase(
      "clip upside down", schemaText("dense:\n  - {name: x, transforms: [{clip: [9, 1]}]}"), .badValue, line: 5,
      column: 35, says: "lower number first"),
    RefusedCase(
      "clip of three numbers", schemaText("dense:\n  - {name: x, transforms: [{clip: [1, 2, 3]}]}"), .badValue, line: 5,
      column: 35, says: "found 3 numbers"),
    RefusedCase(
      "boundaries that descend", schemaText("dense:\n  - {name: x, transforms: [{bucketise: [1, 3, 2]}]}"), .badValue,
      line: 5, column: 40, says: "2.0 follows 3.0"),
    RefusedCase(
      "two transforms in one", schemaText("dense:\n  - {name: x, transforms: [{clip: [0, 1], bucketise: [1]}]}"),
      .wrongType, line: 5, column: 28, says: "one transform"),
    RefusedCase(
      "an entry without name", schemaText("dense:\n  - {transforms: [log1p]}"), .missingKey, line: 5, column: 5,
      says: "'name'"),
    RefusedCase(
      "each with a column", schemaText("dense:\n  - {each: [a, b], column: c}"), .conflictingKey, line: 5, column: 20,
      says: "beside 'each'"),
  ])
  func `a wrong label or dense field is refused at its line:`(wrong: RefusedCase) { wrong.check() }

  @Test(arguments: [
    RefusedCase(
      "an unknown ID kind", schemaText("ids:\n  - {name: u, kind: int}"), .badValue, line: 5, column: 21,
      says: "integer, string"),
    RefusedCase(
      "a separator on a single field", schemaText("ids:\n  - {name: u, separator: '|'}"), .conflictingKey, line: 5,
      column: 15, says: "several values", "shape: multi"),
    RefusedCase(
      "an empty separator", schemaText("ids:\n  - {name: u, shape: multi, separator: ''}"), .badValue, line: 5,
      column: 40, says: "must not be empty"),
    RefusedCase(
      "the file's delimiter as separator",
      schemaText("ids:\n  - {name: u, shape: multi, separator: \"\\t\"}", format: "tsv"), .badValue, line: 5,
      column: 40,
      says: "differ from the delimiter"),
    RefusedCase(
      "a digit between integers", schemaText("ids:\n  - {name: u, kind: integer, shape: multi, separator: '0'}"),
      .badValue, line: 5, column: 55, says: "digit"),
    RefusedCase(
      "one text for both separators",
      schemaText("ids:\n  - {name: u, shape: multi, separator: ':', weight_separator: ':'}"), .badValue, line: 5,
      column: 63, says: "must differ from 'separator'"),
    RefusedCase(
      "weights of a sequence", schemaText("ids:\n  - {name: u, shape: sequence, weight_separator: ':'}"),
      .conflictingKey, line: 5, column: 32, says: "no weights"),
    RefusedCase(
      "a length of 0", schemaText("ids:\n  - {name: u, shape: multi, maximum_length: 0}"), .badValue, line: 5,
      column: 45,
      says: "1 to 65535, found 0"),
    RefusedCase(
      "buckets of strings", schemaText("ids:\n  - {name: u, kind: string, bucketise: [1]}"), .conflictingKey, line: 5,
      column: 15, says: "buckets"),
    RefusedCase(
      "a space of two kinds", schemaText("ids:\n  - {name: item, kind: integer}\n  - {name: last, space: item}"),
      .conflictingKey, line: 6, column: 12, says: "'last' is string", "'item'", "is integer"),
  ])
  func `a wrong ID field is refused at its line:`(wrong: RefusedCase) { wrong.check() }

  static func timelines(_ entry: String) -> String {
    schemaText(
      """
      event_time: {column: t, unit: seconds}
      labels: [click, {name: kind, classes: [view, buy]}]
      dense: [price]
      ids: [user, item, {name: tags, shape: multi}]
      timelines:
        - \(entry)
      """)
  }

  @Test(arguments: [
    RefusedCase(
      "an entity that is no field", timelines("{name: t, entity: usr}"), .unknownField, line: 9, column: 23,
      says: "'usr' is none", "Did you mean 'user'?"),
    RefusedCase(
      "an entity of several values", timelines("{name: t, entity: tags}"), .unknownField, line: 9, column: 23,
      says: "shape multi"),
    RefusedCase(
      "a condition on no label", timelines("{name: t, entity: user, when: {clik: 1}}"), .unknownField, line: 9,
      column: 36, says: "not a label", "Did you mean 'click'?"),
    RefusedCase(
      "a binary label that equals 2", timelines("{name: t, entity: user, when: {click: 2}}"), .badValue, line: 9,
      column: 43, says: "0 or 1"),
    RefusedCase(
      "a class that the label lacks", timelines("{name: t, entity: user, when: {kind: by}}"), .badValue, line: 9,
      column: 42, says: "Did you mean 'buy'?"),
    RefusedCase(
      "a field that is none", timelines("{name: t, entity: user, fields: [item, prise]}"), .unknownField, line: 9,
      column: 44, says: "Did you mean 'price'?"),
    RefusedCase(
      "a field named twice", timelines("{name: t, entity: user, fields: [item, item]}"), .duplicateName, line: 9,
      column: 44, says: "second time"),
    RefusedCase(
      "two timelines of one name", timelines("{name: t, entity: user}\n  - {name: t, entity: item}"), .duplicateName,
      line: 10, column: 12, says: "earlier timeline"),
    RefusedCase(
      "a log without time", schemaText("ids: [user]\ntimelines:\n  - {name: t, entity: user}"), .missingKey, line: 6,
      column: 5, says: "event_time"),
  ])
  func `a wrong timeline is refused at its line:`(wrong: RefusedCase) { wrong.check() }
}
