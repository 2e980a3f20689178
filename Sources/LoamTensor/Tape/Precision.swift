import OneDNN

/// In which numbers the factors of matrix products are. Sums, parameters, gradients and optimizers are f32 in either.
///
/// With `bf16` a product rounds its f32 factors to bf16 as it reads them, so nothing is stored twice. Products of small
/// matrices side by side, as those of attention, stay f32.
public enum Precision: String, Sendable, CaseIterable {
  case f32, bf16

  /// Why this machine cannot, or nil.
  public var problem: String? {
    if self == .f32 || OneDNN.hasBF16 { return nil }
    return "products in bf16 ask for a processor with AMX; oneDNN \(OneDNN.loadedVersion) finds none here"
  }
}

extension Tape {
  /// `c = relu?(a · b + bias + (accumulating ? c : 0))` in this tape's precision.
  func multiply(
    _ a: Matrix, _ b: Matrix, bias: UnsafePointer<Float>? = nil, into c: UnsafeMutablePointer<Float>,
    accumulating: Bool = false, relu: Bool = false
  ) {
    OneDNN.multiply(a, b, bias: bias, into: c, accumulating: accumulating, relu: relu, bf16: precision == .bf16)
  }
}
