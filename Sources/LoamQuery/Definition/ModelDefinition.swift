import LoamSchema

/// What a trained model reads and how it is built: enough to score rows without the config that trained it.
///
/// Stored as the blob `definition` of `model:NAME`. The statistics of standardised fields are fixed here when training
/// begins, so that training, evaluation, prediction and export transform alike.
public struct ModelDefinition: Sendable, Equatable, Codable {
  public var name: String
  /// A name of `ModelRegistry`.
  public var architecture: String
  public var tasks: [TaskDefinition]
  /// In the order in which the network sees them.
  public var fields: [FieldDefinition]
  /// One a space, in the order of first use by a field.
  public var tables: [TableDefinition]
  public var dense: [DenseDefinition]
  /// The model's own options, all of them.
  public var options: [String: OptionValue]
  public var seed: UInt64

  public init(
    name: String, architecture: String, tasks: [TaskDefinition], fields: [FieldDefinition], tables: [TableDefinition],
    dense: [DenseDefinition] = [], options: [String: OptionValue] = [:], seed: UInt64 = 1
  ) {
    self.name = name
    self.architecture = architecture
    self.tasks = tasks
    self.fields = fields
    self.tables = tables
    self.dense = dense
    self.options = options
    self.seed = seed
  }

  /// With binary tasks.
  public init(
    name: String, architecture: String, labels: [String], fields: [FieldDefinition], tables: [TableDefinition],
    dense: [DenseDefinition] = [], options: [String: OptionValue] = [:], seed: UInt64 = 1
  ) {
    self.init(
      name: name, architecture: architecture, tasks: labels.map { TaskDefinition(label: $0) }, fields: fields,
      tables: tables, dense: dense, options: options, seed: seed)
  }

  /// Names of the labels, in the order of the tasks.
  public var labels: [String] { tasks.map(\.label) }
}

/// A label that the model predicts.
public struct TaskDefinition: Sendable, Equatable, Codable {
  public var label: String
  public var kind: LabelField.Kind
  /// Class: the texts, in the order of their index.
  public var classes: [String]
  /// The factor of its loss in the sum over the tasks.
  public var weight: Double

  public init(label: String, kind: LabelField.Kind = .binary, classes: [String] = [], weight: Double = 1) {
    self.label = label
    self.kind = kind
    self.classes = classes
    self.weight = weight
  }

  /// Columns of the logits.
  public var outputs: Int { kind == .class ? classes.count : 1 }
}

/// An ID field as the model reads it.
public struct FieldDefinition: Sendable, Equatable, Codable {
  public var name: String
  public var shape: IDField.Shape
  /// Index into `ModelDefinition.tables`.
  public var table: Int
  /// The model reads the last `length` values event by event; 0: their mean.
  public var length: Int
  /// What else is known of the events of a sequence that is read event by event.
  public var events: EventFields?

  public init(
    name: String, shape: IDField.Shape = .single, table: Int, length: Int = 0, events: EventFields? = nil
  ) {
    self.name = name
    self.shape = shape
    self.table = table
    self.length = length
    self.events = events
  }
}

/// An embedding table: the rows of the admitted IDs of one ID space.
public struct TableDefinition: Sendable, Equatable, Codable {
  /// The ID space; the table is `embedding:MODEL/SPACE`.
  public var space: String
  /// 0: the model has no vectors, only weights.
  public var dimension: Int
  /// The model adds a weight of its own to each ID (column `weight`).
  public var hasWeight: Bool
  /// Rarer IDs of the training logs read the row of `ID.unknown`.
  public var minimumCount: UInt64

  public init(space: String, dimension: Int, hasWeight: Bool, minimumCount: UInt64 = 1) {
    self.space = space
    self.dimension = dimension
    self.hasWeight = hasWeight
    self.minimumCount = minimumCount
  }
}

/// A dense field with its transforms settled.
public struct DenseDefinition: Sendable, Equatable, Codable {
  public var name: String
  public var steps: [DenseStep]

  public init(name: String, steps: [DenseStep] = []) {
    self.name = name
    self.steps = steps
  }
}
