import LoamKernels

/// Adam (Kingma and Ba, arXiv 1412.6980, algorithm 1), as torch.optim.Adam: `l2` is added to the gradient.
///
/// With `decay` it is AdamW in the form of RecIS: `w *= 1 - decay` at every step, not multiplied by the rate, and epsilon
/// beside the uncorrected root. The loop is the one of lazy Adam for embedding rows: a parameter is one long row.
public final class DenseAdam: DenseOptimizer {
  public struct Options: Codable, Sendable, Equatable {
    public var beta1 = 0.9
    public var beta2 = 0.999
    public var epsilon = 1e-8
    public var l2 = 0.0
    /// `nil`: Adam.
    public var decay: Double?

    public init(
      beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, l2: Double = 0, decay: Double? = nil
    ) {
      (self.beta1, self.beta2, self.epsilon, self.l2, self.decay) = (beta1, beta2, epsilon, l2, decay)
    }
  }
  public let parameters: [Parameter]
  public let options: Options
  public var stepCount: UInt64 = 0
  private let first, second: [Tensor]

  public init(_ parameters: [Parameter], _ options: Options = Options()) {
    self.parameters = parameters
    self.options = options
    first = parameters.map { Tensor($0.value.shape) }
    second = parameters.map { Tensor($0.value.shape) }
  }

  public var state: [(name: String, tensor: Tensor)] {
    zip(parameters, zip(first, second)).flatMap { parameter, moments in
      [("adam.first/\(parameter.name)", moments.0), ("adam.second/\(parameter.name)", moments.1)]
    }
  }

  private var scalars = loam_adam_step()

  public func beginStep(rate: Float) {
    stepCount += 1
    scalars = loam_adam_step(
      options.decay == nil ? .paper : .late, rate: Double(rate), beta1: options.beta1, beta2: options.beta2,
      epsilon: options.epsilon, number: stepCount)
  }

  public func update(_ parameter: Int, _ elements: Range<Int>) {
    let keep = Float(1 - (options.decay ?? 0))
    withRow(of: parameters[parameter], elements, l2: Float(options.l2), keep: keep) { row in
      var (m, v): (UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?) = (
        first[parameter].pointer + elements.lowerBound, second[parameter].pointer + elements.lowerBound
      )
      loam_adam(row, &m, &v, scalars)
    }
    parameters[parameter].clearGradient(elements)
  }
}

/// Elements of a parameter seen as one row of the kernels for embedding rows.
func withRow(
  of parameter: Parameter, _ elements: Range<Int>, l2: Float, keep: Float = 1, _ body: (loam_rows) -> Void
) {
  var weights: UnsafeMutablePointer<Float>? = parameter.value.pointer + elements.lowerBound
  var gradients: UnsafePointer<Float>? = UnsafePointer(parameter.gradient.pointer + elements.lowerBound)
  withUnsafePointer(to: &weights) { weights in
    withUnsafePointer(to: &gradients) { gradients in
      withUnsafePointer(to: keep) { keep in
        body(
          loam_rows(
            count: 1, dimension: elements.count, weights: weights, gradients: gradients,
            keep: keep.pointee == 1 ? nil : keep, rates: nil, l2: l2))
      }
    }
  }
}

extension Parameter {
  func clearGradient(_ elements: Range<Int>) {
    (gradient.pointer + elements.lowerBound).update(repeating: 0, count: elements.count)
  }
}
