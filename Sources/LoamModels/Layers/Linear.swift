import LoamTensor

/// `x · weightᵀ + bias`: `[..., inputs]` to `[..., outputs]`. Weight `[outputs, inputs]`, zero bias.
public struct Linear: Sendable {
  public let weight: Parameter
  public let bias: Parameter?

  public init(
    _ name: String, inputs: Int, outputs: Int, bias: Bool = true, initialiser: Initialiser = .xavierNormal,
    seed: UInt64
  ) {
    weight = initialiser.parameter("\(name).weight", Shape(outputs, inputs), seed: seed)
    self.bias = bias ? Initialiser.zeros.parameter("\(name).bias", Shape(outputs), seed: seed) : nil
  }

  public var parameters: [Parameter] { [weight] + (bias.map { [$0] } ?? []) }

  public func callAsFunction(_ tape: Tape, _ x: Variable, relu: Bool = false) -> Variable {
    tape.linear(x, weight: tape.parameter(weight), bias: bias.map { tape.parameter($0) }, relu: relu)
  }
}
