import LoamKernels

/// Stochastic gradient descent: `w -= rate (g + l2 w)`.
public final class DenseSGD: DenseOptimizer {
  public let parameters: [Parameter]
  public let l2: Double
  public var stepCount: UInt64 = 0
  public var state: [(name: String, tensor: Tensor)] { [] }

  public init(_ parameters: [Parameter], l2: Double = 0) {
    self.parameters = parameters
    self.l2 = l2
  }

  public func step(rate: Float) {
    stepCount += 1
    for parameter in parameters {
      withRow(of: parameter, l2: Float(l2)) { loam_sgd($0, rate) }
      parameter.gradient.fill(0)
    }
  }
}
