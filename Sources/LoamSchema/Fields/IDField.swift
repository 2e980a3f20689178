/// A field whose values are IDs: one, several, or a sequence in time order.
public struct IDField: Sendable, Equatable, Codable {
  public enum Kind: String, Sendable, Codable, CaseIterable {
    case integer, string
  }
  public enum Shape: String, Sendable, Codable, CaseIterable {
    case single
    /// An unordered set, pooled by models; may carry weights.
    case multi
    /// Oldest first; order matters.
    case sequence
  }
  public var name: String
  public var column: String
  public var kind: Kind
  public var shape: Shape
  /// The ID space (dictionary, counts) that the values belong to; several fields may share one.
  public var space: String
  /// Between the values of a multi or sequence field.
  public var separator: String
  /// Between a value and its weight (`7:0.5`), multi fields only.
  public var weightSeparator: String?
  /// A sequence keeps its newest values, a multi field its first ones.
  public var maximumLength: Int
  /// The column is a number; the ID is the number of boundaries that are <= it.
  public var bucketise: [Double]

  public init(
    name: String, column: String? = nil, kind: Kind = .string, shape: Shape = .single, space: String? = nil,
    separator: String = "|", weightSeparator: String? = nil, maximumLength: Int = 1_000, bucketise: [Double] = []
  ) {
    self.name = name
    self.column = column ?? name
    self.kind = kind
    self.shape = shape
    self.space = space ?? name
    self.separator = separator
    self.weightSeparator = weightSeparator
    self.maximumLength = maximumLength
    self.bucketise = bucketise
  }
}
