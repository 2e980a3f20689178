import LoamKernels

/// Adagrad (Duchi, Hazan and Singer, JMLR 2011), as torch.optim.Adagrad: `l2` is added to the gradient.
public final class DenseAdagrad: DenseOptimizer {
  public let parameters: [Parameter]
  public let l2: Double
  public let epsilon: Double
  public var stepCount: UInt64 = 0
  private let sums: [Tensor]
  private var rate: Float = 0

  /// - Parameter initialAccumulator: what the sums of squares begin with.
  public init(_ parameters: [Parameter], l2: Double = 0, epsilon: Double = 1e-10, initialAccumulator: Double = 0) {
    (self.parameters, self.l2, self.epsilon) = (parameters, l2, epsilon)
    sums = parameters.map { Tensor($0.value.shape) }
    for sum in sums { sum.fill(Float(initialAccumulator)) }
  }

  public var state: [(name: String, tensor: Tensor)] {
    zip(parameters, sums).map { ("adagrad.sum/\($0.name)", $1) }
  }

  public func beginStep(rate: Float) {
    stepCount += 1
    self.rate = rate
  }

  public func update(_ parameter: Int, _ elements: Range<Int>) {
    withRow(of: parameters[parameter], elements, l2: Float(l2)) { row in
      var sum: UnsafeMutablePointer<Float>? = sums[parameter].pointer + elements.lowerBound
      loam_adagrad(row, &sum, rate, Float(epsilon))
    }
    parameters[parameter].clearGradient(elements)
  }
}
