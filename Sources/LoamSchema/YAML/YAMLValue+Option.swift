extension YAMLValue {
  /// The value as it stands: an unquoted scalar is a truth value, a number or a text, whichever it looks like first.
  public func option() throws(SchemaError) -> OptionValue {
    switch content {
    case .mapping(let mapping): return .map(try mapping.options())
    case .list(let values):
      var list: [OptionValue] = []
      for value in values { list.append(try value.option()) }
      return .list(list)
    case .scalar(let text, let quoted):
      if quoted { return .text(text) }
      if isEmpty { return .none }
      if let value = try? bool() { return .bool(value) }
      if let value = try? double() { return .number(value) }
      return .text(text)
    }
  }
}

extension YAMLMapping {
  /// All keys with their values as they stand.
  public func options() throws(SchemaError) -> [String: OptionValue] {
    var options: [String: OptionValue] = [:]
    for key in keys { options[key] = try required(key).option() }
    return options
  }
}

extension OptionValue {
  /// In one line of YAML; keys in order. Reading it gives an equal value.
  public var yaml: String {
    switch self {
    case .none: "null"
    case .bool(let value): value ? "true" : "false"
    case .number(let value): value == value.rounded() && abs(value) < 0x1p53 ? "\(Int64(value))" : "\(value)"
    case .text(let text):
      "\"\(text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined())\""
    case .list(let values): "[\(values.map(\.yaml).joined(separator: ", "))]"
    case .map(let values):
      "{\(values.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.yaml)" }.joined(separator: ", "))}"
    }
  }
}
