import Foundation
import LoamKernels
import LoamTensor

/// The scalars of one step of a table's optimizer.
struct TableStep {
  let config: TableOptimizerConfig
  /// Steps of the run, from one.
  let number: UInt64
  let rate: Double
  /// ln of the share of a row that this step's decay keeps.
  let decayLog: Double
  private let adam: loam_adam_step

  /// - Parameter sinceFirstValues: steps since the table had its first values, this one included; `nil`: `number`.
  init(_ config: TableOptimizerConfig, number: UInt64, rate: Double, sinceFirstValues: UInt64? = nil) {
    self.config = config
    self.number = number
    self.rate = rate
    decayLog = config.decaysLazily ? log(config.keep(rate: rate)) : 0
    adam = loam_adam_step(
      config.kind == .adamW ? .late : .paper, rate: rate, beta1: config.beta1, beta2: config.beta2,
      epsilon: config.epsilon, number: sinceFirstValues ?? number)
  }

  /// What the kernel adds to a row's gradient; SGD's lazy L2 is decay instead.
  var l2: Float { config.kind == .sgd && config.l2Mode == .lazy ? 0 : Float(config.l2) }

  /// The share of a row that is left where its use shrinks it, besides lazy decay.
  ///
  /// - Parameters:
  ///   - gap: steps since the row's last update; 0 at its first one.
  ///   - factor: of the row's own rate.
  func keep(gap: UInt64, factor: Float) -> Float {
    if config.kind == .adamW { return Float(1 - config.decay) }
    return Float(1 - rate * Double(factor) * min(1, config.gapDecay * Double(gap)))
  }

  /// Using a row shrinks it.
  var shrinks: Bool { config.gapDecay > 0 || (config.kind == .adamW && config.decay > 0) }

  /// Updates rows of one column; `slot` gives an array of row pointers for each of the optimizer's columns.
  func update(_ rows: loam_rows, _ slot: (Int) -> UnsafePointer<UnsafeMutablePointer<Float>?>) {
    switch config.kind {
    case .sgd: loam_sgd(rows, Float(rate))
    case .adagrad: loam_adagrad(rows, slot(0), Float(rate), Float(config.epsilon))
    case .rowwiseAdagrad: loam_rowwise_adagrad(rows, slot(0), Float(rate), Float(config.epsilon))
    case .adam, .everyRowAdam, .adamW: loam_adam(rows, slot(0), slot(1), adam)
    case .ftrl:
      loam_ftrl(
        rows, slot(0), slot(1),
        loam_ftrl_step(alpha: Float(rate), beta: Float(config.beta), l1: Float(config.l1), l2: Float(config.l2)))
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
    case .adam, .everyRowAdam, .adamW: [("m", width), ("v", width)]
    case .ftrl: [("z", width), ("n", width)]
    }
  }
}
