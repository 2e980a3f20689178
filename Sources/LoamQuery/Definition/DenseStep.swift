import Foundation
import LoamSchema

/// One transform of a dense field with every number it needs.
public enum DenseStep: Sendable, Equatable, Codable {
  /// sign(x) ln(1 + |x|)
  case log1p
  /// (x - mean) scale
  case shift(mean: Double, scale: Double)
  /// The number of boundaries that are <= x.
  case bucketise([Double])
  case clip(lower: Double, upper: Double)

  public func callAsFunction(_ x: Double) -> Double {
    switch self {
    case .log1p: x < 0 ? -Foundation.log1p(-x) : Foundation.log1p(x)
    case .shift(let mean, let scale): (x - mean) * scale
    case .bucketise(let boundaries): Double(boundaries.count { $0 <= x })
    case .clip(let lower, let upper): min(max(x, lower), upper)
    }
  }
}

extension DenseDefinition {
  /// What the model reads for a raw value. Missing (NaN) stays missing through the steps and is read as 0.
  public func callAsFunction(_ raw: Float) -> Float {
    if raw.isNaN { return 0 }
    var x = Double(raw)
    for step in steps { x = step(x) }
    return Float(x)
  }

  /// Settles the transforms of a field. `values` visits every present raw value of the training logs, in order; it is
  /// walked once for each `standardise`, since a later one needs the earlier ones' numbers.
  public init<E: Error>(
    _ field: DenseField, overValues values: ((Float) -> Void) throws(E) -> Void
  ) throws(E) {
    self.init(name: field.name)
    for transform in field.transforms {
      switch transform {
      case .log1p: steps.append(.log1p)
      case .bucketise(let boundaries): steps.append(.bucketise(boundaries))
      case .clip(let lower, let upper): steps.append(.clip(lower: lower, upper: upper))
      case .standardise: steps.append(try Self.standardise(after: self.steps, overValues: values))
      }
    }
  }

  private static func standardise<E: Error>(
    after steps: [DenseStep], overValues values: ((Float) -> Void) throws(E) -> Void
  ) throws(E) -> DenseStep {
    // Welford: no cancellation for values far from zero.
    var count = 0.0
    var mean = 0.0
    var squares = 0.0
    try values { raw in
      if raw.isNaN { return }
      var x = Double(raw)
      for step in steps { x = step(x) }
      count += 1
      let distance = x - mean
      mean += distance / count
      squares += distance * (x - mean)
    }
    let deviation = count > 0 ? (squares / count).squareRoot() : 0
    // A field of one value says nothing: it is read as 0.
    return .shift(mean: mean, scale: deviation > 0 ? 1 / deviation : 0)
  }
}
