import LoamSchema

extension OptimizersConfig {
  init(_ mapping: YAMLMapping) throws(SchemaError) {
    try mapping.refuseUnknownKeys(allowed: ["tables", "dense"])
    if let value = try mapping.mapping("tables") { tables = try TableOptimizerConfig(value) }
    if let value = try mapping.mapping("dense") { dense = try DenseOptimizerConfig(value) }
  }
}

extension TableOptimizerConfig {
  init(_ mapping: YAMLMapping) throws(SchemaError) {
    try mapping.refuseUnknownKeys(
      allowed: [
        "kind", "rate", "schedule", "l2", "l2_mode", "l1", "decay", "gap_decay", "frequency_rate", "beta1", "beta2",
        "beta", "epsilon", "initial_accumulator",
      ])
    self.init(try mapping.choice("kind", of: Kind.self) ?? .adam)
    rate = try mapping.double("rate", in: 0...1_000) ?? rate
    if let value = mapping.value("schedule") { schedule = try ScheduleConfig(value) }
    l2 = try mapping.double("l2", in: 0...1_000) ?? l2
    l2Mode = try mapping.choice("l2_mode", of: L2Mode.self) ?? l2Mode
    l1 = try mapping.double("l1", in: 0...1_000) ?? l1
    decay = try mapping.double("decay", in: 0...1_000) ?? decay
    gapDecay = try mapping.double("gap_decay", in: 0...1) ?? gapDecay
    if let value = mapping.value("frequency_rate") {
      frequencyRate =
        try value.choice(of: FrequencyRate.allCases.map(\.rawValue) + ["none"]) == "none"
        ? nil : try value.choice(of: FrequencyRate.self)
    }
    beta1 = try mapping.double("beta1", in: 0...0.999999) ?? beta1
    beta2 = try mapping.double("beta2", in: 0...0.999999) ?? beta2
    beta = try mapping.double("beta", in: 0...1_000) ?? beta
    epsilon = try mapping.double("epsilon", in: 0...1) ?? epsilon
    initialAccumulator = try mapping.double("initial_accumulator", in: 0...1e9) ?? initialAccumulator
    try refuseForeignKeys(mapping)
    guard keep(rate: rate) > 0 else {
      throw mapping.refused("decay", "times the rate must stay below 1: rows would change their sign every step")
    }
    guard gapDecay == 0 || rate < 1 else {
      throw mapping.refused("gap_decay", "needs a rate below 1: rows would change their sign")
    }
  }

  private func refuseForeignKeys(_ mapping: YAMLMapping) throws(SchemaError) {
    var foreign: [String] = []
    if !kind.isAdam { foreign += ["beta1", "beta2"] }
    if !kind.isAdagrad { foreign.append("initial_accumulator") }
    if kind == .sgd || kind == .ftrl { foreign.append("epsilon") }
    if kind == .ftrl {
      foreign += ["schedule", "l2_mode", "decay", "frequency_rate"]
    } else {
      foreign += ["l1", "beta"]
    }
    if kind != .adam { foreign.append("gap_decay") }
    if kind == .everyRowAdam { foreign += ["l2_mode", "frequency_rate"] }
    try mapping.refuse(foreign, for: kind.rawValue)
    for key in ["gap_decay", "frequency_rate"] where touchesEveryRow && mapping.has(key) {
      throw mapping.refused(key, "is for rows of the batch; l2_mode: every_row updates all rows")
    }
  }
}

extension DenseOptimizerConfig {
  init(_ mapping: YAMLMapping) throws(SchemaError) {
    try mapping.refuseUnknownKeys(
      allowed: [
        "kind", "rate", "schedule", "l2", "l1", "decay", "beta1", "beta2", "beta", "epsilon", "initial_accumulator",
      ])
    self.init(try mapping.choice("kind", of: Kind.self) ?? .adam)
    rate = try mapping.double("rate", in: 0...1_000) ?? rate
    if let value = mapping.value("schedule") { schedule = try ScheduleConfig(value) }
    l2 = try mapping.double("l2", in: 0...1_000) ?? l2
    l1 = try mapping.double("l1", in: 0...1_000) ?? l1
    decay = try mapping.double("decay", in: 0...0.999999) ?? decay
    beta1 = try mapping.double("beta1", in: 0...0.999999) ?? beta1
    beta2 = try mapping.double("beta2", in: 0...0.999999) ?? beta2
    beta = try mapping.double("beta", in: 0...1_000) ?? beta
    epsilon = try mapping.double("epsilon", in: 0...1) ?? epsilon
    initialAccumulator = try mapping.double("initial_accumulator", in: 0...1e9) ?? initialAccumulator
    var foreign: [String] = []
    if !kind.isAdam { foreign += ["beta1", "beta2"] }
    if kind != .adagrad { foreign.append("initial_accumulator") }
    if kind == .sgd || kind == .ftrl { foreign.append("epsilon") }
    if kind != .adamW { foreign.append("decay") }
    foreign += kind == .ftrl ? ["schedule"] : ["l1", "beta"]
    try mapping.refuse(foreign, for: kind.rawValue)
  }
}

extension YAMLMapping {
  fileprivate func refuse(_ keys: [String], for kind: String) throws(SchemaError) {
    for key in keys where has(key) { throw refused(key, "means nothing to '\(kind)'") }
  }
}
