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
      allowed: ["kind", "rate", "l2", "l2_mode", "decay", "beta1", "beta2", "epsilon", "initial_accumulator"])
    self.init(try mapping.choice("kind", of: Kind.self) ?? .adam)
    rate = try mapping.double("rate", in: 0...1_000) ?? rate
    l2 = try mapping.double("l2", in: 0...1_000) ?? l2
    l2Mode = try mapping.choice("l2_mode", of: L2Mode.self) ?? l2Mode
    decay = try mapping.double("decay", in: 0...1_000) ?? decay
    epsilon = try mapping.double("epsilon", in: 0...1) ?? epsilon
    switch kind {
    case .adam:
      beta1 = try mapping.double("beta1", in: 0...0.999999) ?? beta1
      beta2 = try mapping.double("beta2", in: 0...0.999999) ?? beta2
      try mapping.refuse(["initial_accumulator"], for: kind.rawValue)
    case .adagrad, .rowwiseAdagrad:
      initialAccumulator = try mapping.double("initial_accumulator", in: 0...1e9) ?? initialAccumulator
      try mapping.refuse(["beta1", "beta2"], for: kind.rawValue)
    case .sgd:
      try mapping.refuse(["beta1", "beta2", "epsilon", "initial_accumulator"], for: kind.rawValue)
    }
    guard keep(rate: rate) > 0 else {
      throw mapping.refused("decay", "times the rate must stay below 1: rows would change their sign every step")
    }
  }
}

extension DenseOptimizerConfig {
  init(_ mapping: YAMLMapping) throws(SchemaError) {
    try mapping.refuseUnknownKeys(allowed: ["kind", "rate", "l2", "beta1", "beta2", "epsilon"])
    kind = try mapping.choice("kind", of: Kind.self) ?? kind
    rate = try mapping.double("rate", in: 0...1_000) ?? rate
    l2 = try mapping.double("l2", in: 0...1_000) ?? l2
    beta1 = try mapping.double("beta1", in: 0...0.999999) ?? beta1
    beta2 = try mapping.double("beta2", in: 0...0.999999) ?? beta2
    epsilon = try mapping.double("epsilon", in: 0...1) ?? epsilon
  }
}

extension YAMLMapping {
  fileprivate func refuse(_ keys: [String], for kind: String) throws(SchemaError) {
    for key in keys where has(key) { throw refused(key, "means nothing to '\(kind)'") }
  }
}
