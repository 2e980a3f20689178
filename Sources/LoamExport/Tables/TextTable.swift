import LoamSchema

/// Writes a table for people and spreadsheets: a line a row, as CSV with a header or as JSON.
///
/// ```
///   id,string,v0,v1,weight                        {"id":"42","string":"kettle","vector":[0.5,-1],"weight":0.25}
///   42,kettle,0.5,-1,0.25
/// ```
/// Numbers have as many digits as it takes to read the same f32 again. The reserved rows are `:missing` and `:unknown`.
struct TextTable {
  let content: TableContent
  let strings: TableDictionary?

  enum Syntax { case csv, jsonLines }

  func write(to path: String, _ syntax: Syntax) throws(ExportError) -> FileDigest {
    var file = try OutputFile(creating: path)
    if syntax == .csv { try file.append(header + "\n") }
    for first in stride(from: 0, to: content.count, by: content.pieceRows) {
      let rows = first..<min(first + content.pieceRows, content.count)
      var (vectors, weights): ([Float], [Float]) = ([], [])
      if content.dimension > 0 {
        try content.forEachPiece(of: "vector", in: rows) { (_, values) throws(ExportError) in vectors = values }
      }
      if content.hasWeight {
        try content.forEachPiece(of: "weight", in: rows) { (_, values) throws(ExportError) in weights = values }
      }
      var lines = ""
      for row in rows {
        let place = row - first
        let vector = vectors[place * content.dimension..<(place + 1) * content.dimension]
        let weight = content.hasWeight ? weights[place] : nil
        lines += (syntax == .csv ? csv(row, vector, weight) : json(row, vector, weight)) + "\n"
      }
      try file.append(lines)
    }
    return try file.finish()
  }

  private var header: String {
    (["id"] + (strings == nil ? [] : ["string"]) + (0..<content.dimension).map { "v\($0)" }
      + (content.hasWeight ? ["weight"] : [])).joined(separator: ",")
  }

  private func id(_ row: Int) -> String {
    switch content.ids[row] {
    case .missing: ":missing"
    case .unknown: ":unknown"
    case let id: "\(id)"
    }
  }

  private func csv(_ row: Int, _ vector: ArraySlice<Float>, _ weight: Float?) -> String {
    let text = strings.map { [Self.quoted($0.string(row))] } ?? []
    let numbers = (Array(vector) + (weight.map { [$0] } ?? [])).map { Self.number($0) }
    return ([id(row)] + text + numbers).joined(separator: ",")
  }

  /// A number that is not finite is null: JSON has none.
  private func json(_ row: Int, _ vector: ArraySlice<Float>, _ weight: Float?) -> String {
    let number = { (value: Float) in value.isFinite ? Self.number(value) : "null" }
    var members = ["\"id\":\"\(id(row))\""]
    if let strings { members.append("\"string\":\(SafetensorsHeader.json(strings.string(row)))") }
    if content.dimension > 0 { members.append("\"vector\":[\(vector.map(number).joined(separator: ","))]") }
    if let weight { members.append("\"weight\":\(number(weight))") }
    return "{\(members.joined(separator: ","))}"
  }

  private static func number(_ value: Float) -> String {
    let text = "\(value)"
    // A reader of JSON takes -0 for an integer, which has no such zero.
    return text.hasSuffix(".0") && text != "-0.0" ? String(text.dropLast(2)) : text
  }

  private static func quoted(_ text: String) -> String {
    guard text.utf8.contains(where: { [UInt8(ascii: ","), UInt8(ascii: "\""), 10, 13].contains($0) }) else {
      return text
    }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
