import LoamTensor

public enum Activation: String, ModelChoice {
  case relu, sigmoid, tanh, gelu, silu, none

  public func callAsFunction(_ tape: Tape, _ x: Variable) -> Variable {
    switch self {
    case .relu: tape.relu(x)
    case .sigmoid: tape.sigmoid(x)
    case .tanh: tape.tanh(x)
    case .gelu: tape.gelu(x)
    case .silu: tape.silu(x)
    case .none: x
    }
  }
}
