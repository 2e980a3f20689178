import LoamModels
import LoamQuery
import LoamSchema
import LoamTensor

/// How one model is trained, as its YAML file says it. Every key but `model`, `name`, `train` and the label has a
/// default; the effective config with all of them written out is stored with the model.
public struct ModelConfig: Sendable, Equatable {
  /// A name of `ModelRegistry`.
  public var model: String
  /// Names the tables `embedding:NAME/SPACE` and `model:NAME`.
  public var name: String
  public var labels: [String]
  /// Factors of the labels' losses; 1 where nothing is said.
  public var labelWeights: [String: Double] = [:]
  /// Logs, read one after the other.
  public var train: [String]
  /// Logs that are scored after each epoch; the first one is monitored.
  public var validation: [String]
  public var fields = FieldsConfig()
  /// Dense fields; `nil`: all of the schema.
  public var dense: [String]?
  /// The model's own options, complete.
  public var network = ModelOptions()
  public var optimizer = OptimizersConfig()
  public var batchSize = 4_096
  public var epochs = 1
  public var seed: UInt64 = 1
  /// How many parts of a batch are computed side by side. Sums over a batch are sums over lanes, so another number is
  /// another rounding; threads, of which there may be fewer or more, change no result.
  public var lanes = 4
  /// Of the matrix products while training; scoring is in f32.
  public var precision = Precision.f32
  public var shuffle = ShuffleConfig()
  public var earlyStopping: EarlyStoppingConfig?
  /// A version every so many steps, besides the one of each epoch.
  public var checkpointEverySteps: Int?
  /// A version as soon as so many minutes have passed since the last one.
  public var checkpointEveryMinutes: Double?
  /// Bytes of changed rows in memory, from which on they are put into the store before their version is published;
  /// `nil`: a quarter of the machine's memory. Of the machine and not of the model: it changes no result, and is not
  /// stored.
  public var dirtyBytesMax: Int?
  /// Largest Euclidean norm of all gradients together.
  public var gradientClip: Double?
  public var rateOnPlateau: PlateauConfig?
  public var metrics = MetricsConfig()
  /// `nil`: rows keep what they learned from epoch to epoch.
  public var reinitialise: ReinitialiseConfig?

  public init(model: String, name: String, labels: [String], train: [String], validation: [String] = []) {
    self.model = model
    self.name = name
    self.labels = labels
    self.train = train
    self.validation = validation
  }

  /// What the labels are, by the schema.
  func tasks(_ schema: Schema) -> [TaskDefinition] {
    labels.map { name in
      let label = schema.labels.first { $0.name == name }
      return TaskDefinition(
        label: name, kind: label?.kind ?? .binary, classes: label?.classes ?? [], weight: labelWeights[name] ?? 1)
    }
  }

  /// Columns of the tables that the model reads.
  var needs: ModelNeeds { ModelRegistry.model(named: model)?.needs ?? ModelNeeds(vectors: true, weights: true) }
}

/// Which ID fields the model reads, and how large their vectors are.
public struct FieldsConfig: Sendable, Equatable {
  public struct Options: Sendable, Equatable {
    public var dimension: Int
    public var minimumCount: UInt64
    /// How many of the newest values of a sequence a model reads that reads sequences.
    public var length = 50
    /// Sequences of the same events: their types, and seconds from each to the row's time. They are no fields of their own.
    public var actions: String?
    public var ages: String?

    var beside: [String] { [actions, ages].compactMap { $0 } }
  }
  public var standard = Options(dimension: 16, minimumCount: 1)
  /// Vectors and weights begin as draws from Normal(0, deviation).
  public var deviation = 1e-4
  /// `nil`: all fields of the schema.
  public var only: [String]?
  public var exclude: [String] = []
  public var special: [String: Options] = [:]
  /// Frozen tables, `NAME/SPACE`, whose vectors the rows begin with, by ID space.
  public var vectors: [String: String] = [:]

  public func options(_ field: String) -> Options { special[field] ?? standard }
}

public struct ShuffleConfig: Sendable, Equatable {
  public var isOn = true
  /// Rows that are mixed freely; row groups are mixed beyond it.
  public var windowRows = 8 * 32_768
}

public struct EarlyStoppingConfig: Sendable, Equatable {
  /// A figure of an evaluation by its name: `auc`, `ndcg@10`.
  public struct Metric: RawRepresentable, Sendable, Equatable {
    public var rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    public static let auc = Metric(rawValue: "auc")
    public static let logLoss = Metric(rawValue: "logloss")
    public static let rootMeanSquareError = Metric(rawValue: "rmse")

    private static let losses = [logLoss.rawValue, "normalised_entropy", rootMeanSquareError.rawValue]

    public var higherIsBetter: Bool { !Self.losses.contains(rawValue) }

    /// What can be monitored with these metrics: measures within groups need to know the groups.
    static func names(_ metrics: MetricsConfig) -> [String] {
      let grouped = metrics.at.flatMap { k in ["hr", "ndcg", "mrr"].map { "\($0)@\(k)" } }
      return ["auc", "pr_auc", "accuracy"] + losses + (metrics.group == nil ? [] : ["gauc"] + grouped)
    }
  }
  /// Of the first label. `nil`: AUC; for a number RMSE, for classes log-loss.
  public var metric: Metric?
  /// Stop after this many epochs without a better one.
  public var patience = 2
}

public struct PlateauConfig: Sendable, Equatable {
  public enum Part: String, Sendable, CaseIterable { case tables, dense }
  /// Rates are multiplied by it after an epoch that was not the best.
  public var factor = 0.1
  /// Whose rates; in this order.
  public var parts = Part.allCases
  /// Rates do not fall below it.
  public var floor = 1e-6
}
