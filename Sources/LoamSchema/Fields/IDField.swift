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
  /// Of a space whose IDs are too many to count each: occurrences are estimated by a count-min sketch, and an ID gets its
  /// row in the space once its estimate reaches the minimum.
  public struct Admission: Sendable, Equatable, Codable {
    /// Estimated occurrences in a log from which on the ID is kept.
    public var minimumCount: Int
    /// An estimate is too high by more than `epsilon` times all occurrences with a chance of at most `delta`.
    public var epsilon: Double
    public var delta: Double

    public init(minimumCount: Int, epsilon: Double = 1e-6, delta: Double = 0.01) {
      (self.minimumCount, self.epsilon, self.delta) = (minimumCount, epsilon, delta)
    }
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
  /// The same for all fields of a space. `nil`: the space has every ID, with its exact counts.
  public var admission: Admission?

  public init(
    name: String, column: String? = nil, kind: Kind = .string, shape: Shape = .single, space: String? = nil,
    separator: String = "|", weightSeparator: String? = nil, maximumLength: Int = 1_000, bucketise: [Double] = [],
    admission: Admission? = nil
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
    self.admission = admission
  }
}
