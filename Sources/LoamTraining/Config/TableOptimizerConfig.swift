/// How rows of embedding tables are updated.
public struct TableOptimizerConfig: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable {
    case sgd, adagrad
    case rowwiseAdagrad = "rowwise_adagrad"
    /// Lazy: moments of rows outside the batch stay as they are; bias is corrected by the table's steps.
    case adam
    /// Moments of all rows fade and all rows move at every step, so each step costs the table's size.
    case everyRowAdam = "every_row_adam"
    /// Lazy Adam in the form of RecIS: `decay` of the rows of the batch alone, not multiplied by the rate.
    case adamW = "adamw"
    /// Its rate is part of its sums: no schedule, no frequency.
    case ftrl

    var isAdam: Bool { self == .adam || self == .everyRowAdam || self == .adamW }
    var isAdagrad: Bool { self == .adagrad || self == .rowwiseAdagrad }
  }
  public enum L2Mode: String, Sendable, CaseIterable {
    /// λ/2 ||E||² over the whole table: every row has a gradient at every step, so each step costs the table's size.
    case everyRow = "every_row"
    /// The rows of the batch alone; for SGD exact, since the decay of the steps between is made up for.
    case lazy
  }
  /// The rate of a row grows with how often training has seen it (arXiv 2505.05605).
  public enum FrequencyRate: String, Sendable, CaseIterable {
    /// rate ln(F + 1) / ln(max F + 1)
    case log
    /// rate F / max F
    case linear
  }
  public var kind = Kind.adam
  public var rate = 1e-3
  public var schedule = ScheduleConfig()
  /// λ of λ/2 ||w||²: its gradient λw goes through the optimizer. Of FTRL, λ2.
  public var l2 = 0.0
  public var l2Mode = L2Mode.lazy
  /// Of FTRL, λ1.
  public var l1 = 0.0
  /// Decoupled decay: w <- w (1 - rate decay) every step, made up for at a row's next use. Of AdamW, w <- w (1 - decay)
  /// at each use.
  public var decay = 0.0
  /// AdamAR (arXiv 2511.06374): w <- w (1 - rate min(1, gapDecay gap)) at each use, gap steps after the last one.
  public var gapDecay = 0.0
  /// `nil`: all rows have the same rate.
  public var frequencyRate: FrequencyRate?
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

  /// Rows shrink between their uses, by a factor that is the same for all rows.
  public var decaysLazily: Bool { (decay > 0 && kind != .adamW) || (kind == .sgd && l2 > 0 && l2Mode == .lazy) }
  /// Every row is updated at every step.
  public var touchesEveryRow: Bool { kind == .everyRowAdam || (l2 > 0 && l2Mode == .everyRow) }
  /// The share of a row that is left after one step of decay.
  public func keep(rate: Double) -> Double {
    if kind == .adamW { return 1 - decay }
    return (1 - rate * decay) * (kind == .sgd && l2Mode == .lazy ? 1 - rate * l2 : 1)
  }
}
