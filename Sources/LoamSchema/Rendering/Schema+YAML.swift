extension Schema {
  /// The YAML form that `parse` reads back as the same schema; defaults are left out and like fields share an entry.
  public var yaml: String {
    var lines = ["schema: \(Schema.formatVersion)", "name: \(YAMLScalar.text(name))", "format: \(format.yaml)"]
    if let eventTime { lines.append("event_time: \(eventTime.yaml)") }
    switch knownAt {
    case .eventTime: break
    case .now: lines.append("known_at: now")
    case .column(let time): lines.append("known_at: \(time.yaml)")
    }
    if let weight { lines.append("weight: \(YAMLScalar.text(weight))") }
    func section(_ key: String, _ entries: [String]) {
      guard !entries.isEmpty else { return }
      lines.append("\(key):")
      lines += entries.map { "  - \($0)" }
    }
    section("labels", labels.map(\.yaml))
    section("dense", FieldRun.runs(dense.map { FieldRun(name: $0.name, parts: $0.parts) }))
    section("ids", FieldRun.runs(ids.map { FieldRun(name: $0.name, parts: $0.parts) }))
    section("timelines", timelines.map { $0.yaml(labels: labels) })
    return lines.joined(separator: "\n") + "\n"
  }
}

/// Neighbouring fields that are alike but for their names, written as one entry.
struct FieldRun {
  var name: String
  /// `key: value` of everything but the name.
  var parts: [String]

  static func runs(_ fields: [FieldRun]) -> [String] {
    var entries: [String] = []
    var start = 0
    while start < fields.count {
      let parts = fields[start].parts
      var end = start + 1
      // A field with a column of its own cannot share an entry.
      if !parts.contains(where: { $0.hasPrefix("column: ") }) {
        while end < fields.count, fields[end].parts == parts { end += 1 }
      }
      let names = shortened(fields[start..<end].map(\.name))
      if parts.isEmpty {
        entries += names
      } else if names.count == 1, end - start == 1 {
        entries.append("{name: \(names[0]), \(parts.joined(separator: ", "))}")
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
