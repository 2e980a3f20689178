import LoamTensor

/// Batch norm over the columns of `[batch, columns]`, with a trained scale and shift.
public struct BatchNorm: Sendable {
  public let gamma: Parameter
  public let beta: Parameter
  public let running: RunningStatistics
  private let name: String

  public init(_ name: String, columns: Int) {
    self.name = name
    gamma = Initialiser.ones.parameter("\(name).gamma", Shape(columns), seed: 0)
    beta = Initialiser.zeros.parameter("\(name).beta", Shape(columns), seed: 0)
    running = RunningStatistics(columns: columns)
  }

  public var parameters: [Parameter] { [gamma, beta] }
  public var buffers: [(name: String, tensor: Tensor)] {
    [("\(name).running_mean", running.mean), ("\(name).running_variance", running.variance)]
  }

  public func callAsFunction(_ tape: Tape, _ x: Variable, training: Bool) -> Variable {
    tape.batchNorm(
      x, gamma: tape.parameter(gamma), beta: tape.parameter(beta), running: running, training: training)
  }
}
