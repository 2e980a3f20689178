import LoamModels
import LoamSchema
import Testing

@testable import LoamTraining

@Suite("Model config")
struct ModelConfigTests {
  static let schema = Schema(
    name: "clicks", format: RecordFormat(kind: .csv),
    labels: [.init(name: "click"), .init(name: "spend", kind: .real)],
    dense: [.init(name: "age"), .init(name: "price")],
    ids: [.init(name: "user"), .init(name: "item"), .init(name: "last_item", space: "item"), .init(name: "city")])

  static let minimal = "model: deepfm\nname: ctr\nlabel: click\ntrain: train\n"

  static func read(_ text: String, settings: [(String, String)] = []) throws -> ModelConfig {
    try ModelConfig(
      yaml: text, file: "ctr.yaml", schema: schema, settings: settings.map { (path: $0.0, value: $0.1) })
  }

  @Test func `Four keys are enough`() throws {
    let config = try Self.read(Self.minimal)
    #expect(config.model == "deepfm")
    #expect(config.labels == ["click"])
    #expect(config.train == ["train"])
    #expect(config.batchSize == 4_096)
    #expect(config.dense == nil)
  }

  @Test func `Every key is read, and the effective config reads back as itself`() throws {
    let text = """
      model: deepfm
      name: ctr
      labels: [click]
      train: [monday, tuesday]
      validation: valid
      fields:
        dimension: 10
        minimum_count: 2
        deviation: 0.01
        exclude: [city]
        special:
          user: {dimension: 16}
      dense: [price]
      network: {hidden: [8, 4], batch_norm: true, dropout: 0.2, activation: relu}
      optimizer:
        tables: {kind: rowwise_adagrad, rate: 0.05, l2: 0.01, l2_mode: every_row, decay: 0.1, initial_accumulator: 0.5}
        dense: {kind: adam, rate: 0.002, l2: 1e-5, beta1: 0.8}
      batch_size: 128
      epochs: 3
      seed: 7
      shuffle: {window: 1000}
      early_stopping: {metric: logloss, patience: 4}
      checkpoint: {every_steps: 50}
      gradient_clip: 10
      precision: bf16
      rate_on_plateau: {factor: 0.5, for: [dense]}
      reinitialise: {above_ids: 100}
      metrics: {group: user, at: [5, 10], slices: [city, item], slice_values: 4, frequency: none}
      """
    let config = try Self.read(text)
    #expect(config.train == ["monday", "tuesday"])
    #expect(config.fields.options("user") == .init(dimension: 16, minimumCount: 2))
    #expect(config.fields.options("item") == .init(dimension: 10, minimumCount: 2))
    #expect(config.optimizer.tables.kind == .rowwiseAdagrad)
    #expect(config.optimizer.tables.epsilon == 1e-10)
    #expect(config.optimizer.dense.beta1 == 0.8)
    #expect(config.shuffle.windowRows == 1_000)
    #expect(config.earlyStopping == EarlyStoppingConfig(metric: .logLoss, patience: 4))
    #expect(config.checkpointEverySteps == 50)
    #expect(config.precision == .bf16)
    #expect(config.metrics.group == .init(name: "user", space: "user"))
    #expect(config.metrics.at == [5, 10] && config.metrics.frequency == [])
    #expect(try Self.read(config.yaml) == config)
  }

  @Test func `A sequence has actions and ages beside it, which are no fields of their own`() throws {
    let sequences: [IDField] = ["history", "kind", "age"].map {
      .init(name: $0, kind: $0 == "kind" ? .string : .integer, shape: .sequence)
    }
    var schema = Self.schema
    schema.ids += sequences
    func read(_ special: String, model: String = "dhen") throws -> ModelConfig {
      let text = Self.minimal + "fields: {special: {\(special)}}"
      return try ModelConfig(yaml: text, file: "ctr.yaml", schema: schema, settings: [(path: "model", value: model)])
    }
    let config = try read("history: {actions: kind, ages: age}")
    #expect(config.fields.options("history").actions == "kind" && config.fields.options("history").ages == "age")
    #expect(config.fields.chosen(schema).map(\.name) == Self.schema.ids.map(\.name) + ["history"])
    #expect(try ModelConfig(yaml: config.yaml, file: "b", schema: schema) == config)
    for (special, found) in [
      ("history: {actions: kid}", "kid"), ("history: {actions: user}", "must be sequences"),
      ("user: {actions: kind}", "must be sequences"), ("history: {ages: kind}", "no whole numbers"),
    ] {
      let error = #expect(throws: SchemaError.self) { try read(special) }
      #expect(error?.message.contains(found) == true, "\(special): \(error?.message ?? "")")
    }
    let error = #expect(throws: SchemaError.self) { try read("history: {actions: kind}", model: "din") }
    #expect(error?.message.contains("which din does not read") == true)
  }

  @Test func `Ranking within groups is monitored where it is measured`() throws {
    let stopping = Self.minimal + "validation: valid\nearly_stopping: {metric: ndcg@5}\n"
    let config = try Self.read(stopping + "metrics: {group: user, at: [5]}")
    #expect(config.earlyStopping?.metric?.rawValue == "ndcg@5")
    #expect(config.earlyStopping?.metric?.higherIsBetter == true)
    #expect(try Self.read(config.yaml) == config)
    #expect(throws: SchemaError.self) { try Self.read(stopping + "metrics: {group: user, at: [10]}") }
    #expect(throws: SchemaError.self) { try Self.read(stopping) }
  }

  @Test func `The effective config of every kind of optimizer and model reads back as itself`() throws {
    for kind in TableOptimizerConfig.Kind.allCases {
      for model in ModelRegistry.names {
        let config = try Self.read(
          Self.minimal, settings: [("optimizer.tables.kind", kind.rawValue), ("model", model)])
        #expect(try Self.read(config.yaml) == config)
      }
    }
  }

  @Test func `A setting replaces what the file says`() throws {
    let config = try Self.read(
      Self.minimal, settings: [("network.hidden", "[16]"), ("optimizer.tables.rate", "0.5"), ("epochs", "9")])
    #expect(config.network.values["hidden"] == [16])
    #expect(config.optimizer.tables.rate == 0.5)
    #expect(config.epochs == 9)
  }

  @Test(arguments: [
    ("512MB", 512_000_000), ("64 MiB", 64 << 20), ("1.5GiB", 3 << 29), ("2GB", 2_000_000_000), ("33554432", 32 << 20),
  ])
  func `The memory of changed rows is a size and no part of the model`(text: String, bytes: Int) throws {
    let config = try Self.read(Self.minimal + "dirty_memory: \(text)")
    #expect(config.dirtyBytesMax == bytes)
    #expect(config.trainsLike(try Self.read(Self.minimal)))
    #expect(config.yaml == (try Self.read(Self.minimal)).yaml)
  }

  @Test(arguments: [
    ("batchsize: 3", "schema.unknown-key", "batch_size"),
    ("optimizer: {table: {rate: 1}}", "schema.unknown-key", "tables"),
    ("optimizer: {tables: {kind: rowwise-adagrad}}", "schema.bad-value", "rowwise_adagrad"),
    ("fields: {exclude: [itme]}", "schema.unknown-field", "item"),
    ("fields: {special: {usr: {dimension: 3}}}", "schema.unknown-field", "user"),
    ("network: {dropuot: 0.1}", "schema.unknown-key", "dropout"),
    ("dense: [prise]", "schema.unknown-field", "price"),
    ("early_stopping: {metric: acu}\nvalidation: v", "schema.bad-value", "auc"),
    ("metrics: {slices: [ctiy]}", "schema.unknown-field", "city"),
  ])
  func `A misspelt name is refused with the nearest known one`(line: String, code: String, near: String) throws {
    let error = #expect(throws: SchemaError.self) { try Self.read(Self.minimal + line) }
    #expect(error?.code == code)
    #expect(error?.hint == "Did you mean '\(near)'?")
    #expect(error?.message.hasPrefix("ctr.yaml:5:") == true)
  }

  @Test(arguments: [
    ("epochs: 0", "1 to 100000"),
    ("epochs: many", "a whole number"),
    ("fields: {special: {item: {dimension: 4}}}", "share the ID space 'item'"),
    ("optimizer: {tables: {kind: sgd, beta1: 0.9}}", "means nothing to 'sgd'"),
    ("optimizer: {tables: {rate: 1, decay: 1}}", "must stay below 1"),
    ("early_stopping: {patience: 2}", "needs a validation log"),
    ("labels: [click]", "one key"),
    ("checkpoint: {every_steps: 0}", "1 to"),
    ("dirty_memory: 512 apples", "such as 512MB"),
    ("dirty_memory: 1MB", "at least 16 MiB"),
    ("dirty_memory: nanGB", "such as 512MB"),
    ("network: {dropout: 1}", "dropout is in [0, 1)"),
    ("metrics: {at: [5]}", "needs 'group'"),
    ("optimizer: {tables: {kind: ftrl, schedule: linear}}", "means nothing to 'ftrl'"),
    ("optimizer: {tables: {kind: sgd, gap_decay: 0.1}}", "means nothing to 'sgd'"),
    ("optimizer: {tables: {l2: 0.1, l2_mode: every_row, frequency_rate: log}}", "is for rows of the batch"),
    ("optimizer: {dense: {schedule: {warmup_steps: 9, final: 0.1}}}", "means nothing to a constant rate"),
    ("optimizer: {dense: {schedule: {kind: linear, warmup_steps: 9, steps: 9}}}", "more than warmup_steps"),
    ("validation: v\noptimizer: {dense: {kind: ftrl}}\nrate_on_plateau: {}", "part of its sums"),
    ("validation: v\nearly_stopping: {metric: gauc}", "needs metrics.group"),
  ])
  func `A value without meaning is refused`(line: String, message: String) throws {
    let error = #expect(throws: SchemaError.self) { try Self.read(Self.minimal + line) }
    #expect(error?.message.contains(message) == true, "\(String(describing: error))")
  }

  @Test func `Labels that the schema does not have are refused`() {
    let unknown = #expect(throws: SchemaError.self) {
      try Self.read(Self.minimal.replacing("click", with: "clik"))
    }
    #expect(unknown?.hint == "Did you mean 'click'?")
  }

  @Test func `A network is refused for a model without one`() {
    #expect(throws: SchemaError.self) {
      try Self.read("model: lr\nname: a\nlabel: click\ntrain: t\nnetwork: {hidden: [8]}")
    }
  }
}
