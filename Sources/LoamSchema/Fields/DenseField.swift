/// A number a model reads as it is. The log stores it raw; the transforms run when it is read.
public struct DenseField: Sendable, Equatable, Codable {
  public var name: String
  public var column: String
  /// Applied in order. A missing value stays missing through them and is read as 0.
  public var transforms: [DenseTransform]

  public init(name: String, column: String? = nil, transforms: [DenseTransform] = []) {
    self.name = name
    self.column = column ?? name
    self.transforms = transforms
  }
}

/// One step from a raw number to what the model reads.
public enum DenseTransform: Sendable, Equatable, Codable {
  /// sign(x) ln(1 + |x|)
  case log1p
  /// (x - mean) / deviation, over the training log's present values after the transforms before this one.
  case standardise
  /// The number of boundaries that are <= x.
  case bucketise([Double])
  /// The nearest number in the range.
  case clip(lower: Double, upper: Double)
}
