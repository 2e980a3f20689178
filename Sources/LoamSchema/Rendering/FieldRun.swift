/// Neighbouring fields that are alike but for their names, written as one entry.
struct FieldRun {
  var name: String
  /// `key: value` of everything but the name.
  var parts: [String]
  /// A field with a note has a line of its own.
  var note: String?

  static func entries(_ fields: [FieldRun]) -> [String] {
    var entries: [String] = []
    var start = 0
    while start < fields.count {
      let parts = fields[start].parts
      var end = start + 1
      // A field with a column of its own cannot share an entry.
      if fields[start].note == nil, !parts.contains(where: { $0.hasPrefix("column: ") }) {
        while end < fields.count, fields[end].parts == parts, fields[end].note == nil { end += 1 }
      }
      let names = shortened(fields[start..<end].map(\.name))
      let note = fields[start].note.map { "  \(Schema.comment($0))" } ?? ""
      if parts.isEmpty {
        entries += names.map { $0 + note }
      } else if names.count == 1, end - start == 1 {
        entries.append("{name: \(names[0]), \(parts.joined(separator: ", "))}\(note)")
      } else {
        entries.append("{each: [\(names.joined(separator: ", "))], \(parts.joined(separator: ", "))}")
      }
      start = end
    }
    return entries
  }

  /// Names as they are written, with `c1..c26` for three or more that count up.
  static func shortened(_ names: [String]) -> [String] {
    var result: [String] = []
    var start = 0
    while start < names.count {
      var end = start + 1
      while end < names.count, let range = NameRange("\(names[start])..\(names[end])"),
        range.numbers.count == end - start + 1, range.names.last == names[end]
      {
        end += 1
      }
      // A range is written without quotes, so its prefix must not need any.
      if end - start >= 3, YAMLScalar.isPlain(names[start]) {
        result.append("\(names[start])..\(names[end - 1])")
      } else {
        end = start + 1
        result.append(YAMLScalar.text(names[start]))
      }
      start = end
    }
    return result
  }
}
