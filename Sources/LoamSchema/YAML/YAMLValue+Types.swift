extension YAMLValue {
  /// Any scalar but nothing, as it is written: `name: 7` is the text `7`.
  public func string() throws(SchemaError) -> String {
    guard case .scalar(let text, _) = content, !isEmpty else {
      throw wrongType(
        expected: "a text", hint: isEmpty ? "Write \"\" for the empty text, \"null\" for the word null." : nil)
    }
    return text
  }

  /// A whole number in decimal; `_` and exponents are not accepted.
  public func int() throws(SchemaError) -> Int {
    guard let text = plain, let value = Int(text) else { throw wrongType(expected: "a whole number") }
    return value
  }

  /// A finite number.
  public func double() throws(SchemaError) -> Double {
    guard let text = plain, text.allSatisfy({ "+-.0123456789eE".contains($0) }), let value = Double(text),
      value.isFinite
    else { throw wrongType(expected: "a number") }
    return value
  }

  /// `true` or `false`.
  public func bool() throws(SchemaError) -> Bool {
    switch plain {
    case "true", "True", "TRUE": return true
    case "false", "False", "FALSE": return false
    default: throw wrongType(expected: "true or false")
    }
  }

  public func list() throws(SchemaError) -> [YAMLValue] {
    guard case .list(let values) = content else { throw wrongType(expected: "a list") }
    return values
  }

  /// A list of texts; one scalar stands for a list of one.
  public func strings() throws(SchemaError) -> [String] {
    try each { value throws(SchemaError) in try value.string() }
  }

  /// A list of finite numbers; one scalar stands for a list of one.
  public func doubles() throws(SchemaError) -> [Double] {
    try each { value throws(SchemaError) in try value.double() }
  }

  public func mapping() throws(SchemaError) -> YAMLMapping {
    guard case .mapping(let mapping) = content else { throw wrongType(expected: "a mapping (key: value)") }
    return mapping
  }

  /// One of the raw values of `type`; a refusal names them and the nearest.
  public func choice<T: RawRepresentable & CaseIterable>(of type: T.Type) throws(SchemaError) -> T
  where T.RawValue == String {
    let known = type.allCases.map(\.rawValue)
    return T(rawValue: try choice(of: known))!
  }

  /// One of `known`; a refusal names them and the nearest.
  public func choice(of known: [String]) throws(SchemaError) -> String {
    guard case .scalar(let text, _) = content, known.contains(text) else {
      let near = plain.flatMap { nearestName(to: $0, among: known) }
      throw SchemaError(
        isScalar && !isEmpty ? .badValue : .wrongType, at: position,
        "\(subject) must be one of \(known.joined(separator: ", ")); found \(found)",
        hint: near.map { "Did you mean '\($0)'?" })
    }
    return text
  }

  private func each<T>(_ read: (YAMLValue) throws(SchemaError) -> T) throws(SchemaError) -> [T] {
    guard case .list(let values) = content else { return [try read(self)] }
    var result: [T] = []
    for value in values { result.append(try read(value)) }
    return result
  }

  /// The text of a scalar that is not quoted.
  private var plain: String? {
    if case .scalar(let text, quoted: false) = content { text } else { nil }
  }
}
