import LoamKernels

/// FTRL-Proximal (McMahan et al., KDD 2013, algorithm 1). The rate is fixed: it is part of the sums.
public final class DenseFTRL: DenseOptimizer {
  public let parameters: [Parameter]
  public let beta, l1, l2: Double
  public var stepCount: UInt64 = 0
  private let sums, squares: [Tensor]
  private var rate: Float = 0

  public init(_ parameters: [Parameter], beta: Double = 1, l1: Double = 0, l2: Double = 0) {
    (self.parameters, self.beta, self.l1, self.l2) = (parameters, beta, l1, l2)
    sums = parameters.map { Tensor($0.value.shape) }
    squares = parameters.map { Tensor($0.value.shape) }
  }

  public var state: [(name: String, tensor: Tensor)] {
    zip(parameters, zip(sums, squares)).flatMap { parameter, slots in
      [("ftrl.z/\(parameter.name)", slots.0), ("ftrl.n/\(parameter.name)", slots.1)]
    }
  }

  public func beginStep(rate: Float) {
    stepCount += 1
    self.rate = rate
  }

  public func update(_ parameter: Int, _ elements: Range<Int>) {
    let scalars = loam_ftrl_step(alpha: rate, beta: Float(beta), l1: Float(l1), l2: Float(l2))
    withRow(of: parameters[parameter], elements, l2: 0) { row in
      var (z, n): (UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?) = (
        sums[parameter].pointer + elements.lowerBound, squares[parameter].pointer + elements.lowerBound
      )
      loam_ftrl(row, &z, &n, scalars)
    }
    parameters[parameter].clearGradient(elements)
  }
}
