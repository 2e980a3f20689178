/// Tables and dense weights have optimizers of their own: tables want other rates, and other decay.
public struct OptimizersConfig: Sendable, Equatable {
  public var tables = TableOptimizerConfig()
  public var dense = DenseOptimizerConfig()
}

public struct TableOptimizerConfig: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable {
    case sgd, adagrad
    case rowwiseAdagrad = "rowwise_adagrad"
    /// Moments and decay of rows outside the batch stay as they are; bias is corrected by the table's steps.
    case adam
  }
  public enum L2Mode: String, Sendable, CaseIterable {
    /// λ/2 ||E||² over the whole table: every row has a gradient at every step, so each step costs the table's size.
    case everyRow = "every_row"
    /// The rows of the batch alone; for SGD exact, since the decay of the steps between is made up for.
    case lazy
  }
  public var kind = Kind.adam
  public var rate = 1e-3
  /// λ of λ/2 ||w||²: its gradient λw goes through the optimizer.
  public var l2 = 0.0
  public var l2Mode = L2Mode.lazy
  /// Decoupled decay: w <- w (1 - rate decay) every step, made up for at a row's next use.
  public var decay = 0.0
  public var beta1 = 0.9
  public var beta2 = 0.999
  /// 1e-10 for Adagrad and 1e-8 for Adam unless given.
  public var epsilon: Double
  /// What an Adagrad accumulator begins with.
  public var initialAccumulator = 0.0

  public init(_ kind: Kind = .adam) {
    self.kind = kind
    epsilon = kind == .adam ? 1e-8 : 1e-10
  }

  /// Rows shrink between their uses, by a factor that is the same for all rows.
  public var decaysLazily: Bool { decay > 0 || (kind == .sgd && l2 > 0 && l2Mode == .lazy) }
  /// Every row is updated at every step.
  public var touchesEveryRow: Bool { l2 > 0 && l2Mode == .everyRow }
  /// The share of a row that is left after one step of decay.
  public func keep(rate: Double) -> Double {
    (1 - rate * decay) * (kind == .sgd && l2Mode == .lazy ? 1 - rate * l2 : 1)
  }
}

public struct DenseOptimizerConfig: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable { case adam }
  public var kind = Kind.adam
  public var rate = 1e-3
  /// λ of λ/2 ||w||² over matrices and vectors of the network.
  public var l2 = 0.0
  public var beta1 = 0.9
  public var beta2 = 0.999
  public var epsilon = 1e-8
  public init() {}
}
