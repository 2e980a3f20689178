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

  private var rate: Float = 0

  public func beginStep(rate: Float) {
    stepCount += 1
    self.rate = rate
  }

  public func update(_ parameter: Int, _ elements: Range<Int>) {
    withRow(of: parameters[parameter], elements, l2: Float(l2)) { loam_sgd($0, rate) }
    parameters[parameter].clearGradient(elements)
  }
}
