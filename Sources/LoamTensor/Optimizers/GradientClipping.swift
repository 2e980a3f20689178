import LoamKernels

/// Clipping by the norm of all gradients together.
public enum GradientClipping {
  /// The sum of squares of all gradients, parameter after parameter, in f64.
  public static func squareSum(_ parameters: [Parameter]) -> Double {
    parameters.reduce(0) { $0 + loam_f32_square_sum($1.gradient.pointer, $1.gradient.count) }
  }

  /// Scales all gradients so that their norm is at most `normMax`, and returns the norm found.
  ///
  /// `others` is the sum of squares of gradients that are kept elsewhere (embedding rows): they count towards the norm,
  /// and their keeper scales them by the same `factor(norm:normMax:)`.
  @discardableResult
  public static func clip(_ parameters: [Parameter], normMax: Double, others: Double = 0) -> Double {
    let norm = (squareSum(parameters) + others).squareRoot()
    let factor = factor(norm: norm, normMax: normMax)
    guard factor < 1 else { return norm }
    for parameter in parameters {
      let gradient = parameter.gradient
      loam_f32_scale(gradient.pointer, gradient.pointer, factor, gradient.count, false)
    }
    return norm
  }

  /// 1, or `normMax / norm` where the norm is larger (1e-6 added, as torch's clip_grad_norm_ does).
  public static func factor(norm: Double, normMax: Double) -> Float { Float(min(1, normMax / (norm + 1e-6))) }
}
