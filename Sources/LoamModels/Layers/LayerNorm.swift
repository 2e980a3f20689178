import LoamTensor

/// Layer norm over the innermost axis of `[..., columns]`, with a trained scale and shift.
public struct LayerNorm: Sendable {
  public let gamma: Parameter
  public let beta: Parameter
  private let epsilon: Float

  public init(_ name: String, columns: Int, epsilon: Float = 1e-5) {
    gamma = Initialiser.ones.parameter("\(name).gamma", Shape(columns), seed: 0)
    beta = Initialiser.zeros.parameter("\(name).beta", Shape(columns), seed: 0)
    self.epsilon = epsilon
  }

  public var parameters: [Parameter] { [gamma, beta] }

  public func callAsFunction(_ tape: Tape, _ x: Variable) -> Variable {
    tape.layerNorm(x, gamma: tape.parameter(gamma), beta: tape.parameter(beta), epsilon: epsilon)
  }
}
