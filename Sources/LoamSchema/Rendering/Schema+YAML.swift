extension Schema {
  /// The YAML form that `parse` reads back as the same schema; defaults are left out and like fields share an entry.
  public var yaml: String { yaml(notes: [:]) }

  /// The same with comments: lines above and below, and a note behind the entry of each field that `notes` names
  /// (labels, dense and ID fields by their name, timelines as `timelines.NAME`, the keys of the top by theirs).
  public func yaml(head: [String] = [], notes: [String: String], tail: [String] = []) -> String {
    var lines = head.map(Self.comment) + ["schema: \(Schema.formatVersion)", "name: \(YAMLScalar.text(name))"]
    func add(_ key: String, _ value: String?) {
      guard let value else { return }
      lines.append("\(key): \(value)" + (notes[key].map { "  \(Self.comment($0))" } ?? ""))
    }
    add("format", format.yaml)
    add("event_time", eventTime?.yaml)
    switch knownAt {
    case .eventTime: break
    case .now: add("known_at", "now")
    case .column(let time): add("known_at", time.yaml)
    }
    add("weight", weight.map(YAMLScalar.text))
    if !rowKey.isEmpty {
      let columns = rowKey.map(YAMLScalar.text)
      add("row_key", columns.count == 1 ? columns[0] : "[\(columns.joined(separator: ", "))]")
    }
    func section(_ key: String, _ entries: [String]) {
      guard !entries.isEmpty else { return }
      lines.append("\(key):")
      lines += entries.map { "  - \($0)" }
    }
    func noted(_ name: String, _ entry: String) -> String {
      notes[name].map { "\(entry)  \(Self.comment($0))" } ?? entry
    }
    section("labels", labels.map { noted($0.name, $0.yaml) })
    section("dense", FieldRun.entries(dense.map { FieldRun(name: $0.name, parts: $0.parts, note: notes[$0.name]) }))
    section("ids", FieldRun.entries(ids.map { FieldRun(name: $0.name, parts: $0.parts, note: notes[$0.name]) }))
    section("timelines", timelines.map { noted("timelines.\($0.name)", $0.yaml(labels: labels)) })
    section("events", events.map(\.eventsYAML))
    return (lines + tail.map(Self.comment)).joined(separator: "\n") + "\n"
  }

  /// An entry of `events`, without its mark: the lines of a log's schema under the entity they belong to.
  private var eventsYAML: String {
    var copy = self
    copy.timelines = []
    let lines = copy.yaml.split(separator: "\n").dropFirst()
    let pairs = timelines.first?.pairs.map { ["pairs: \(YAMLScalar.text($0))"] } ?? []
    let entity = "entity: \(YAMLScalar.text(timelines.first?.entity ?? ""))"
    return ([String(lines.first ?? ""), entity] + pairs + lines.dropFirst().map(String.init)).joined(
      separator: "\n    ")
  }

  /// One line whatever the text holds.
  static func comment(_ text: String) -> String {
    let line = text.map {
      $0.isNewline || $0.unicodeScalars.contains { $0.properties.generalCategory == .control } ? " " : $0
    }
    return line.isEmpty ? "#" : "# " + String(line)
  }
}
