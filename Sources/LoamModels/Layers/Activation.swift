import LoamTensor

public enum Activation: String, Codable, Sendable, CaseIterable {
  case relu, sigmoid, tanh, none

  public func callAsFunction(_ tape: Tape, _ x: Variable) -> Variable {
    switch self {
    case .relu: tape.relu(x)
    case .sigmoid: tape.sigmoid(x)
    case .tanh: tape.tanh(x)
    case .none: x
    }
  }
}
