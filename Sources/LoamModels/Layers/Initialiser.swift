import LoamTensor

/// First values of dense parameters. Numbers come from a stream named by the parameter, so that a layer keeps its
/// values when others come or go.
public enum Initialiser: Sendable {
  case zeros
  case ones
  /// N(0, 2 / (inputs + outputs)) for `[outputs, inputs]`: what FuxiCTR gives every linear layer (with zero biases).
  /// Source: Glorot and Bengio, AISTATS 2010, eq. 16 in its normal form.
  case xavierNormal
  /// N(0, deviation²).
  case normal(deviation: Float)

  public func parameter(_ name: String, _ shape: Shape, seed: UInt64) -> Parameter {
    let value = Tensor(shape)
    switch self {
    case .zeros: break
    case .ones: value.fill(1)
    case .xavierNormal:
      // Matrices of groups, [groups, inputs, outputs], are each drawn like one.
      let inputs = shape.rank == 3 ? shape[1] : shape.rows
      Self.fill(value, name, deviation: (2 / Float(inputs + shape.columns)).squareRoot(), seed)
    case .normal(let deviation): Self.fill(value, name, deviation: deviation, seed)
    }
    return Parameter(name, value)
  }

  private static func fill(_ value: Tensor, _ name: String, deviation: Float, _ seed: UInt64) {
    let random = CounterRandom(seed: seed, stream: name)
    let numbers = value.buffer
    for index in 0..<numbers.count { numbers[index] = deviation * random.normal(UInt64(index)) }
  }
}
