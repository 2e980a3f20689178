import Foundation
import LoamKernels

/// The scalars of one step of a table's optimizer.
struct TableStep {
  let config: TableOptimizerConfig
  /// Steps from one.
  let number: UInt64
  let rate: Double
  let adam: loam_adam_step
  /// ln of the share of a row that this step's decay keeps.
  let decayLog: Double

  init(_ config: TableOptimizerConfig, number: UInt64, rate: Double) {
    self.config = config
    self.number = number
    self.rate = rate
    decayLog = config.decaysLazily ? log(config.keep(rate: rate)) : 0
    let (beta1, beta2) = (Float(config.beta1), Float(config.beta2))
    // The bias of the betas that the kernel works with, which are rounded to f32.
    let correction1 = 1 - pow(Double(beta1), Double(number))
    let correction2 = 1 - pow(Double(beta2), Double(number))
    adam = loam_adam_step(
      beta1: beta1, beta2: beta2, step: Float(rate / correction1), correction: Float(1 / correction2.squareRoot()),
      epsilon: Float(config.epsilon))
  }

  /// What the kernel adds to a row's gradient; SGD's lazy L2 is decay instead.
  var l2: Float { config.kind == .sgd && config.l2Mode == .lazy ? 0 : Float(config.l2) }

  /// Updates rows of one column; `slot` gives an array of row pointers for each of the optimizer's columns.
  func update(_ rows: loam_rows, _ slot: (Int) -> UnsafePointer<UnsafeMutablePointer<Float>?>) {
    switch config.kind {
    case .sgd: loam_sgd(rows, Float(rate))
    case .adagrad: loam_adagrad(rows, slot(0), Float(rate), Float(config.epsilon))
    case .rowwiseAdagrad: loam_rowwise_adagrad(rows, slot(0), Float(rate), Float(config.epsilon))
    case .adam: loam_adam(rows, slot(0), slot(1), adam)
    }
  }
}

extension TableOptimizerConfig {
  /// The columns that the optimizer keeps beside one of `width` elements: name after the dot, and width.
  func slots(width: Int) -> [(name: String, width: Int)] {
    switch kind {
    case .sgd: []
    case .adagrad: [("sum", width)]
    case .rowwiseAdagrad: [("sum", 1)]
    case .adam: [("m", width), ("v", width)]
    }
  }
}
