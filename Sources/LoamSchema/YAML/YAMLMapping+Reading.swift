import Yams

extension YAMLMapping {
  /// Larger files are refused: nobody writes them by hand.
  public static let bytesMax = 1 << 20
  /// Values of a file, aliases expanded: a bound for files whose aliases multiply.
  public static let valuesMax = 200_000
  static let depthMax = 64
  /// Uses of an anchor. The parser hashes keys with their aliases expanded, before anything here can count them: so many
  /// aliases expand to some 100,000 values at the most, however they build on each other.
  static let aliasesMax = 32

  /// Reads a file's text, whose top must be a mapping.
  ///
  /// - Throws: `schema.bad-yaml`, `schema.duplicate-key`, `schema.too-large`, `schema.wrong-type`, with the place.
  public init(yaml: String, file: String) throws(SchemaError) {
    let value = try YAMLValue(yaml: yaml, file: file)
    if value.isEmpty { throw SchemaError(.missingKey, at: value.position, "the file is empty") }
    self = try value.mapping()
  }
}

extension YAMLValue {
  /// Reads a text of any form; the empty text is the empty value.
  public init(yaml: String, file: String, path: String = "") throws(SchemaError) {
    let top = YAMLPosition(file: file, line: 1, column: 1)
    guard yaml.utf8.count <= YAMLMapping.bytesMax else {
      throw SchemaError(
        .tooLarge, at: top, "the file has \(yaml.utf8.count) bytes, at most \(YAMLMapping.bytesMax) are read")
    }
    let aliases = Self.aliases(in: yaml)
    guard aliases <= YAMLMapping.aliasesMax else {
      throw SchemaError(
        .tooLarge, at: top, "the file uses anchors \(aliases) times, at most \(YAMLMapping.aliasesMax) are read")
    }
    var builder = YAMLBuilder(file: file)
    // The basic resolver leaves every plain scalar a text: the reader decides what it is.
    let node: Node?
    do { node = try compose(yaml: yaml, .basic) } catch { throw SchemaError(error, at: top) }
    guard let node else {
      self.init(position: top, path: path, content: .scalar("", quoted: false))
      return
    }
    self = try builder.value(node, path: path, depth: 0)
  }

  /// Places where an alias may stand; one in a text counts too.
  private static func aliases(in yaml: String) -> Int {
    var count = 0
    var before = UInt8(ascii: "\n")
    for byte in yaml.utf8 {
      if byte == UInt8(ascii: "*"), before <= 0x20 || "[]{},:-?".utf8.contains(before) { count += 1 }
      before = byte
    }
    return count
  }
}

/// Turns the parser's nodes into values with places, and refuses what has no meaning here.
private struct YAMLBuilder {
  let file: String
  var count = 0

  init(file: String) { self.file = file }

  mutating func value(_ node: Node, path: String, depth: Int) throws(SchemaError) -> YAMLValue {
    let position = place(node)
    count += 1
    guard count <= YAMLMapping.valuesMax, depth <= YAMLMapping.depthMax else {
      throw SchemaError(
        .tooLarge, at: position,
        "more than \(YAMLMapping.valuesMax) values, or nested deeper than \(YAMLMapping.depthMax)")
    }
    switch node {
    case .scalar(let scalar):
      let quoted = scalar.style != .plain && scalar.style != .any
      return YAMLValue(position: position, path: path, content: .scalar(scalar.string, quoted: quoted))
    case .sequence(let sequence):
      var values: [YAMLValue] = []
      for (index, element) in sequence.enumerated() {
        values.append(try value(element, path: "\(path)[\(index)]", depth: depth + 1))
      }
      return YAMLValue(position: position, path: path, content: .list(values))
    case .mapping(let mapping):
      let entries = try entries(mapping, path: path, depth: depth)
      let read = YAMLMapping(position: position, path: path, entries: entries)
      return YAMLValue(position: position, path: path, content: .mapping(read))
    case .alias:
      throw SchemaError(.badYAML, at: position, "an alias to an anchor that is not there")
    }
  }

  private mutating func entries(
    _ mapping: Node.Mapping, path: String, depth: Int
  ) throws(SchemaError) -> [YAMLMapping.Entry] {
    var entries: [YAMLMapping.Entry] = []
    var seen: [String: Int] = [:]
    for (key, element) in mapping {
      let position = place(key)
      guard case .scalar(let scalar) = key else {
        throw SchemaError(.wrongType, at: position, "a key must be a text")
      }
      if let line = seen.updateValue(position.line, forKey: scalar.string) {
        throw SchemaError(
          .duplicateKey, at: position, "the key '\(scalar.string)' is given twice, first on line \(line)")
      }
      let inner = path.isEmpty ? scalar.string : "\(path).\(scalar.string)"
      let value = try value(element, path: inner, depth: depth + 1)
      entries.append(.init(key: scalar.string, keyPosition: position, value: value))
    }
    return entries
  }

  private func place(_ node: Node) -> YAMLPosition {
    YAMLPosition(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
  }
}

extension SchemaError {
  /// What the YAML parser said, at the place that it names.
  fileprivate init(_ error: any Error, at top: YAMLPosition) {
    func at(_ mark: Mark) -> YAMLPosition { YAMLPosition(file: top.file, line: mark.line, column: mark.column) }
    switch error {
    case YamlError.scanner(let context, let problem, let mark, _),
      YamlError.parser(let context, let problem, let mark, _),
      YamlError.composer(let context, let problem, let mark, _):
      let text = [problem, context?.text].compactMap { $0 }.joined(separator: " ")
      self.init(.badYAML, at: at(mark), "not YAML: \(text)", hint: "A frequent cause is a tab or a missing blank.")
    case YamlError.duplicatedKeysInMapping(let keys, let context):
      self.init(
        .duplicateKey, at: at(context.mark),
        "the key '\(keys.first ?? "")' is given twice in one mapping; this is the first")
    default:
      self.init(.badYAML, at: top, "not YAML: \(error)")
    }
  }
}
