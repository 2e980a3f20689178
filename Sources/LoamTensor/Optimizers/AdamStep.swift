import LoamKernels

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Where Adam adds epsilon: the two common forms.
public enum AdamForm: Sendable {
  /// `w -= rate m^ / (sqrt(v^) + epsilon)` with both moments corrected: the paper (arXiv 1412.6980, algorithm 1).
  case paper
  /// `w -= rate sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + epsilon)`: the paper's remark after the algorithm, and
  /// the form of TensorFlow and RecIS.
  case late
}

extension loam_adam_step {
  /// The scalars of one step; `number` counts from one.
  public init(_ form: AdamForm, rate: Double, beta1: Double, beta2: Double, epsilon: Double, number: UInt64) {
    // The corrections are of the betas as the kernel has them: 1 - Float(0.999) is 5e-5 off 0.001.
    let (beta1, beta2) = (Float(beta1), Float(beta2))
    let correction1 = 1 - pow(Double(beta1), Double(number))
    let correction2 = (1 - pow(Double(beta2), Double(number))).squareRoot()
    self.init(
      beta1: beta1, beta2: beta2, step: Float(rate / correction1 * (form == .late ? correction2 : 1)),
      correction: form == .late ? 1 : Float(1 / correction2), epsilon: Float(epsilon))
  }
}
