import LoamModels
import LoamSchema
import LoamStore
import LoamTensor

extension ModelConfig {
  static let keys = [
    "model", "name", "label", "labels", "train", "validation", "fields", "dense", "network", "optimizer", "batch_size",
    "epochs", "seed", "lanes", "shuffle", "early_stopping", "checkpoint", "gradient_clip", "rate_on_plateau",
    "metrics", "reinitialise", "dirty_memory", "precision",
  ]

  /// Reads a config and checks it against the schema of the logs.
  ///
  /// - Parameter settings: pairs of a dotted path and YAML that replace what the file says, as `--set` gives them.
  /// - Throws: `SchemaError`, with the place in the file (or the setting) and the nearest known name.
  public init(
    yaml: String, file: String, schema: Schema, settings: [(path: String, value: String)] = []
  ) throws(SchemaError) {
    var top = try YAMLMapping(yaml: yaml, file: file)
    for setting in settings {
      top = try top.setting(setting.path, to: setting.value, origin: "--set \(setting.path)")
    }
    try self.init(top, schema: schema)
  }

  init(_ top: YAMLMapping, schema: Schema) throws(SchemaError) {
    try top.refuseUnknownKeys(allowed: Self.keys)
    let model = try top.required("model").choice(of: ModelRegistry.names)
    let name = try Self.tableName(try top.required("name"))
    self.init(model: model, name: name, labels: [], train: [])
    try readLabels(top, schema)
    train = try Self.logs(try top.required("train"))
    if let value = top.value("validation") { validation = try Self.logs(value) }
    if let value = top.value("fields") { fields = try FieldsConfig(try value.mapping(), schema: schema) }
    try fields.refuseDisagreement(schema, at: top.value("fields")?.position ?? top.position)
    if !needs.events, let name = fields.special.first(where: { !$0.value.beside.isEmpty })?.key {
      throw top.refused("fields", "gives '\(name)' actions or ages, which \(model) does not read")
    }
    dense = try Self.dense(top.value("dense"), schema)
    network = try Self.network(top, model)
    if let value = try top.mapping("optimizer") { optimizer = try OptimizersConfig(value) }
    batchSize = try top.int("batch_size", in: 1...1_048_576) ?? batchSize
    epochs = try top.int("epochs", in: 1...100_000) ?? epochs
    seed = UInt64(try top.int("seed", in: 0...Int.max) ?? 1)
    lanes = try top.int("lanes", in: 1...64) ?? lanes
    if let value = top.value("precision") { precision = try value.choice(of: Precision.self) }
    if let value = top.value("shuffle") { shuffle = try ShuffleConfig(value) }
    if let value = top.value("reinitialise") { reinitialise = try ReinitialiseConfig.read(value) }
    if reinitialise != nil, !fields.vectors.isEmpty {
      throw top.refused("reinitialise", "would take the vectors away that 'fields.vectors' gives")
    }
    if !fields.vectors.isEmpty, !needs.vectors {
      throw top.refused("fields", "gives vectors, which \(model) does not have")
    }
    if let value = try top.mapping("metrics") { metrics = try MetricsConfig(value, schema: schema) }
    try readEpochEnds(top)
    if let clip = try top.double("gradient_clip", in: 1e-9...1e9) { gradientClip = clip }
    if let value = top.value("dirty_memory") { dirtyBytesMax = try Self.memory(value) }
    if let checkpoint = try top.mapping("checkpoint") {
      try checkpoint.refuseUnknownKeys(allowed: ["every_steps", "every_minutes"])
      checkpointEverySteps = try checkpoint.int("every_steps", in: 1...Int.max)
      checkpointEveryMinutes = try checkpoint.double("every_minutes", in: 1e-6...1e6)
    }
  }

  private func readMetric(_ stopping: YAMLMapping) throws(SchemaError) -> EarlyStoppingConfig.Metric? {
    guard let value = stopping.value("metric") else { return nil }
    let name = try value.string()
    if name == "gauc" || name.contains("@"), metrics.group == nil {
      throw stopping.refused("metric", "needs metrics.group: the field whose values say which rows belong together")
    }
    return EarlyStoppingConfig.Metric(
      rawValue: try value.choice(of: EarlyStoppingConfig.Metric.names(metrics)))
  }

  private mutating func readEpochEnds(_ top: YAMLMapping) throws(SchemaError) {
    if let stopping = try top.mapping("early_stopping") {
      try stopping.refuseUnknownKeys(allowed: ["metric", "patience"])
      var config = EarlyStoppingConfig()
      config.metric = try readMetric(stopping)
      config.patience = try stopping.int("patience", in: 1...1_000) ?? config.patience
      earlyStopping = config
    }
    if let plateau = try top.mapping("rate_on_plateau") {
      try plateau.refuseUnknownKeys(allowed: ["factor", "floor", "for"])
      var config = PlateauConfig()
      config.factor = try plateau.double("factor", in: 1e-6...1) ?? config.factor
      config.floor = try plateau.double("floor", in: 0...1) ?? config.floor
      if let value = plateau.value("for") {
        let names = Set(try value.isScalar ? [value.choice(of: PlateauConfig.Part.self)] : Self.parts(value))
        config.parts = PlateauConfig.Part.allCases.filter(names.contains)
      }
      for (part, kind) in [
        (PlateauConfig.Part.tables, optimizer.tables.kind.rawValue), (.dense, optimizer.dense.kind.rawValue),
      ]
      where config.parts.contains(part) && kind == "ftrl" {
        throw top.refused(
          "rate_on_plateau", "would change the rate of 'ftrl', which is part of its sums",
          hint: "Say for: \(part == .tables ? "dense" : "tables").")
      }
      rateOnPlateau = config
    }
    for key in ["early_stopping", "rate_on_plateau"] where top.has(key) && validation.isEmpty {
      throw top.refused(key, "needs a validation log to measure on", hint: "Name one under 'validation'.")
    }
  }

  private static func parts(_ value: YAMLValue) throws(SchemaError) -> [PlateauConfig.Part] {
    var parts: [PlateauConfig.Part] = []
    for entry in try value.list() { parts.append(try entry.choice(of: PlateauConfig.Part.self)) }
    return parts
  }

  private static func tableName(_ value: YAMLValue) throws(SchemaError) -> String {
    let name = try value.string()
    guard TableName.isValid(part: name) else {
      throw value.refused("must be 1 to 128 of A-Z a-z 0-9 _ . - without a dot in front, found '\(name)'", .badName)
    }
    return name
  }

  static func logs(_ value: YAMLValue) throws(SchemaError) -> [String] {
    let names = try value.strings()
    for name in names where !TableName.isValid(part: name) {
      throw value.refused("names the log '\(name)': no log can have that name", .badName)
    }
    guard !names.isEmpty else { throw value.refused("must name a log") }
    guard Set(names).count == names.count else { throw value.refused("names a log twice", .duplicateName) }
    return names
  }

  private static func network(_ top: YAMLMapping, _ model: String) throws(SchemaError) -> ModelOptions {
    let mapping = try top.mapping("network")
    let model = ModelRegistry.model(named: model)!
    try mapping?.refuseUnknownKeys(allowed: model.optionNames)
    let given = try mapping?.options() ?? [:]
    do throws(ModelError) {
      return try model.completed(ModelOptions(given))
    } catch {
      throw top.refused("network", "is not for \(model.name): \(error.message)", .badValue, hint: error.hint)
    }
  }

  private static func dense(_ value: YAMLValue?, _ schema: Schema) throws(SchemaError) -> [String]? {
    guard let value else { return nil }
    if value.isScalar, try value.string() == "all" { return nil }
    if value.isScalar, try value.string() == "none" { return [] }
    let names = try value.strings()
    for name in names where !schema.dense.contains(where: { $0.name == name }) {
      throw value.unknown(name, what: "dense field", known: schema.dense.map(\.name))
    }
    guard Set(names).count == names.count else { throw value.refused("names a field twice", .duplicateName) }
    return names
  }
}

extension YAMLValue {
  /// The error for a name that the schema does not declare.
  func unknown(_ name: String, what: String, known: [String]) -> SchemaError {
    let near = nearestName(to: name, among: known)
    return refused(
      "names the \(what) '\(name)', which the schema does not have; known: \(known.joined(separator: ", "))",
      .unknownField, hint: near.map { "Did you mean '\($0)'?" })
  }
}
