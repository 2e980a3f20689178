extension OptimizersConfig {
  var yaml: [String] {
    ["optimizer:", "  tables: {\(tables.yaml)}", "  dense: {\(dense.yaml)}"]
  }
}

extension TableOptimizerConfig {
  fileprivate var yaml: String {
    var parts = ["kind: \(kind.rawValue)", "rate: \(rate)", "l2: \(l2)"]
    if kind == .ftrl {
      parts += ["l1: \(l1)", "beta: \(beta)"]
    } else {
      parts += ["schedule: \(schedule.yaml)", "decay: \(decay)"]
    }
    if kind != .ftrl, kind != .everyRowAdam {
      parts.append("l2_mode: \(l2Mode.rawValue)")
      if !touchesEveryRow { parts.append("frequency_rate: \(frequencyRate?.rawValue ?? "none")") }
    }
    if kind == .adam, !touchesEveryRow { parts.append("gap_decay: \(gapDecay)") }
    if kind.isAdam { parts += ["beta1: \(beta1)", "beta2: \(beta2)"] }
    if kind.isAdam || kind.isAdagrad { parts.append("epsilon: \(epsilon)") }
    if kind.isAdagrad { parts.append("initial_accumulator: \(initialAccumulator)") }
    return parts.joined(separator: ", ")
  }
}

extension DenseOptimizerConfig {
  fileprivate var yaml: String {
    var parts = ["kind: \(kind.rawValue)", "rate: \(rate)", "l2: \(l2)"]
    parts += kind == .ftrl ? ["l1: \(l1)", "beta: \(beta)"] : ["schedule: \(schedule.yaml)"]
    if kind == .adamW { parts.append("decay: \(decay)") }
    if kind.isAdam { parts += ["beta1: \(beta1)", "beta2: \(beta2)"] }
    if kind.isAdam || kind == .adagrad { parts.append("epsilon: \(epsilon)") }
    if kind == .adagrad { parts.append("initial_accumulator: \(initialAccumulator)") }
    return parts.joined(separator: ", ")
  }
}
