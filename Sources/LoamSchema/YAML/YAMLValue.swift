/// One value of a YAML file with its place: a scalar, a list or a mapping.
///
/// Types are those of YAML 1.2's core schema and are decided by the reader: `no` is a text, `true` is a truth value
/// where one is asked for and the text `true` where a text is. A quoted scalar is always a text.
public struct YAMLValue: Sendable {
  enum Content: Sendable {
    case scalar(String, quoted: Bool)
    case list([YAMLValue])
    case mapping(YAMLMapping)
  }
  public let position: YAMLPosition
  /// Where it is seen from the top of the file: `ids[2].separator`. Empty at the top.
  public let path: String
  let content: Content

  /// What a message calls it.
  public var found: String {
    switch content {
    case .scalar(let text, let quoted):
      if isEmpty { return "nothing" }
      return quoted ? "the text \"\(text)\"" : "'\(text)'"
    case .list: return "a list"
    case .mapping: return "a mapping"
    }
  }

  /// Nothing was written (or `null`, or `~`).
  public var isEmpty: Bool {
    if case .scalar(let text, quoted: false) = content { return ["", "~", "null"].contains(text) }
    return false
  }
  public var isScalar: Bool { if case .scalar = content { true } else { false } }
  /// A scalar in quotes: a text whatever it looks like.
  public var isQuoted: Bool { if case .scalar(_, quoted: true) = content { true } else { false } }
  public var isList: Bool { if case .list = content { true } else { false } }
  public var isMapping: Bool { if case .mapping = content { true } else { false } }

  /// The error "`path` must be `expected`, found ...", at this place.
  public func wrongType(expected: String, hint: String? = nil) -> SchemaError {
    SchemaError(.wrongType, at: position, "\(subject) must be \(expected), found \(found)", hint: hint)
  }

  /// The error "`path` `problem`", at this place: for values of the right type that mean nothing.
  public func refused(_ problem: String, _ reason: SchemaError.Reason = .badValue, hint: String? = nil) -> SchemaError {
    SchemaError(reason, at: position, "\(subject) \(problem)", hint: hint)
  }

  var subject: String { path.isEmpty ? "the file" : "'\(path)'" }
}
