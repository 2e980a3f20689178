import Foundation
import LoamSchema

/// A sample as a table of texts, whatever the kind of its file: pairs and JSON arrays become separated lists.
struct InferenceSample {
  /// Between the values of a JSON array; the array itself needs no separator.
  static let arraySeparator = "|"
  var columns: [String]
  var rows: [[String]]
  /// Columns in which some value is a JSON array, and those in which one is an object or a nested array.
  var arrays: Set<Int> = []
  var structures: Set<Int> = []

  init(header: [String]?, records: [[String]], kind: RecordFormat.Kind) {
    let isPairs = header == nil && (kind == .libsvm || kind == .libffm)
    let width = records.lazy.map(\.count).max() ?? 0
    columns = header ?? (0..<width).map { "column_\($0 + 1)" }
    rows = records
    if isPairs { spread(records, hasFields: kind == .libffm) }
    if kind == .jsonl { flatten() }
  }

  /// Tokens of a line, `label index:value ...` or `label field:index:value ...`, as columns.
  private mutating func spread(_ records: [[String]], hasFields: Bool) {
    var fields: Set<Int> = []
    let parsed = records.map { tokens in
      var pairs: [Int: [String]] = [:]
      for token in tokens.dropFirst() where !token.hasPrefix("#") {
        let parts = token.split(separator: ":", maxSplits: 1).map(String.init)
        let field = hasFields ? Int(parts[0]) : 0
        guard let field, let pair = hasFields ? parts.dropFirst().first : token else { continue }
        fields.insert(field)
        pairs[field, default: []].append(pair.hasSuffix(":1") ? String(pair.dropLast(2)) : pair)
      }
      return (label: tokens.first ?? "", pairs: pairs)
    }
    let order = fields.sorted()
    columns = ["label"] + (hasFields ? order.map { "f\($0)" } : ["features"])
    rows = parsed.map { row in
      [row.label] + (hasFields ? order : [0]).map { (row.pairs[$0] ?? []).joined(separator: " ") }
    }
  }

  private mutating func flatten() {
    for row in rows.indices {
      for (column, text) in rows[row].enumerated() {
        guard let first = text.first, first == "[" || first == "{",
          let value = try? JSONSerialization.jsonObject(with: Data(text.utf8))
        else { continue }
        let scalars = (value as? [Any])?.compactMap { element in
          (element as? String) ?? (element as? NSNumber)?.stringValue
        }
        guard let scalars, scalars.count == (value as? [Any])?.count else {
          structures.insert(column)
          continue
        }
        arrays.insert(column)
        rows[row][column] = scalars.joined(separator: Self.arraySeparator)
      }
    }
  }
}
