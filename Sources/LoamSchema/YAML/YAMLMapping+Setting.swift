extension YAMLMapping {
  /// A copy in which the value at a dotted path is another one, as `--set optimizer.rate=0.1` asks for.
  ///
  /// `text` is YAML (`0.1`, `[400, 400]`, `{kind: adagrad}`); mappings on the way are made where they are absent.
  /// Errors about the new value name `origin` as their file.
  public func setting(_ dottedPath: String, to text: String, origin: String) throws(SchemaError) -> YAMLMapping {
    let value = try YAMLValue(yaml: text, file: origin, path: path.isEmpty ? dottedPath : "\(path).\(dottedPath)")
    let parts = dottedPath.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard !parts.contains("") else {
      throw SchemaError(.badName, at: value.position, "'\(dottedPath)' is not a path of keys between dots")
    }
    return try setting(parts[...], to: value)
  }

  private func setting(_ parts: ArraySlice<String>, to value: YAMLValue) throws(SchemaError) -> YAMLMapping {
    let key = parts.first!
    let inner = path.isEmpty ? key : "\(path).\(key)"
    var new = value
    if parts.count > 1 {
      let below =
        try self.value(key)?.mapping() ?? YAMLMapping(position: value.position, path: inner, entries: [])
      let mapping = try below.setting(parts.dropFirst(), to: value)
      new = YAMLValue(position: mapping.position, path: inner, content: .mapping(mapping))
    }
    var copy = self
    if let index = entries.firstIndex(where: { $0.key == key }) {
      copy.entries[index].value = new
    } else {
      copy.entries.append(Entry(key: key, keyPosition: value.position, value: new))
    }
    return copy
  }
}
