/// What a model is trained to predict.
public struct LabelField: Sendable, Equatable, Codable {
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// 0 or 1.
    case binary
    /// Any finite number.
    case real
    /// One of `classes`, stored as its index.
    case `class`
  }
  public var name: String
  public var column: String
  public var kind: Kind
  /// Binary: the texts that mean 1; every other present text means 0. Empty: the text is 0 or 1.
  public var positive: [String]
  /// Binary: the number is at least this.
  public var threshold: Double?
  /// Class: the texts, in the order of their index.
  public var classes: [String]
  /// When the label became known: labels arrive late. A row without that time has its label from its start.
  public var availableAt: TimeColumn?

  public init(
    name: String, column: String? = nil, kind: Kind = .binary, positive: [String] = [], threshold: Double? = nil,
    classes: [String] = [], availableAt: TimeColumn? = nil
  ) {
    self.name = name
    self.column = column ?? name
    self.kind = kind
    self.positive = positive
    self.threshold = threshold
    self.classes = classes
    self.availableAt = availableAt
  }
}
