import LoamTensor

/// Tables and dense weights have optimizers of their own: tables want other rates, and other decay.
public struct OptimizersConfig: Sendable, Equatable {
  public var tables = TableOptimizerConfig()
  public var dense = DenseOptimizerConfig()
}

public struct DenseOptimizerConfig: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable {
    case sgd, adagrad, adam
    case adamW = "adamw"
    case ftrl

    var isAdam: Bool { self == .adam || self == .adamW }
  }
  public var kind = Kind.adam
  public var rate = 1e-3
  public var schedule = ScheduleConfig()
  /// λ of λ/2 ||w||² over matrices and vectors of the network. Of FTRL, λ2.
  public var l2 = 0.0
  /// Of FTRL, λ1.
  public var l1 = 0.0
  /// Of AdamW: w <- w (1 - decay) every step, not multiplied by the rate.
  public var decay = 0.0
  public var beta1 = 0.9
  public var beta2 = 0.999
  /// Of FTRL: what keeps its first steps finite.
  public var beta = 1.0
  /// 1e-10 for Adagrad and 1e-8 for Adam unless given.
  public var epsilon: Double
  /// What an Adagrad accumulator begins with.
  public var initialAccumulator = 0.0

  public init(_ kind: Kind = .adam) {
    self.kind = kind
    epsilon = kind.isAdam ? 1e-8 : 1e-10
  }

  func make(_ parameters: [Parameter]) -> any DenseOptimizer {
    switch kind {
    case .sgd: DenseSGD(parameters, l2: l2)
    case .adagrad: DenseAdagrad(parameters, l2: l2, epsilon: epsilon, initialAccumulator: initialAccumulator)
    case .adam: DenseAdam(parameters, .init(beta1: beta1, beta2: beta2, epsilon: epsilon, l2: l2))
    case .adamW:
      DenseAdam(parameters, .init(beta1: beta1, beta2: beta2, epsilon: epsilon, l2: l2, decay: decay))
    case .ftrl: DenseFTRL(parameters, beta: beta, l1: l1, l2: l2)
    }
  }
}
