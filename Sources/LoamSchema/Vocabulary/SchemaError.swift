/// Why a schema, or any other YAML file of Loam, is refused. Cut by what the reader of the message corrects.
public struct SchemaError: LoamError, Equatable {
  public enum Reason: String, Sendable, CaseIterable {
    /// Not YAML at all: the message is the parser's.
    case badYAML = "bad-yaml"
    case tooLarge = "too-large"
    case newerFormat = "newer-format"
    case unknownKey = "unknown-key"
    case missingKey = "missing-key"
    case duplicateKey = "duplicate-key"
    /// A key that contradicts another one of the same mapping.
    case conflictingKey = "conflicting-key"
    case wrongType = "wrong-type"
    case badValue = "bad-value"
    case badName = "bad-name"
    case duplicateName = "duplicate-name"
    /// A reference to a field or label that the schema does not declare.
    case unknownField = "unknown-field"
    /// A column that the format's column list does not have.
    case unknownColumn = "unknown-column"
  }
  public var reason: Reason
  public var position: YAMLPosition
  /// What was expected and what was found, without the place.
  public var text: String
  public var hint: String?

  public init(_ reason: Reason, at position: YAMLPosition, _ text: String, hint: String? = nil) {
    self.reason = reason
    self.position = position
    self.text = text
    self.hint = hint
  }

  public var code: String { "schema.\(reason.rawValue)" }
  public var category: ErrorCategory { .refused }
  /// `FILE:LINE:COLUMN: text`, the form that editors and terminals turn into a link.
  public var message: String { "\(position): \(text)" }
}
