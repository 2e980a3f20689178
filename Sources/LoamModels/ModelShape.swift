/// What goes into a model and what comes out, by count.
public struct ModelShape: Sendable, Equatable, Codable {
  public var fields: [FieldShape]
  /// Dense features.
  public var denseCount: Int
  public var sequences: [SequenceShape]
  public var tasks: [TaskShape]

  public init(fields: [FieldShape], denseCount: Int, sequences: [SequenceShape] = [], tasks: [TaskShape]) {
    self.fields = fields
    self.denseCount = denseCount
    self.sequences = sequences
    self.tasks = tasks
  }

  /// Columns of the logits: those of the tasks, side by side in their order.
  public var outputs: Int { tasks.reduce(0) { $0 + $1.outputs } }
}

/// An ID field, and how many numbers its pooled vector has.
public struct FieldShape: Sendable, Equatable, Codable {
  public var name: String
  public var dimension: Int

  public init(name: String, dimension: Int) {
    self.name = name
    self.dimension = dimension
  }
}

/// The last events of an entity: `length` places of `dimension` numbers.
public struct SequenceShape: Sendable, Equatable, Codable {
  public var name: String
  public var dimension: Int
  public var length: Int
  /// How many types of action an event can have; 0: events have no types.
  public var actions: Int
  /// How long ago each event was is known.
  public var hasAges: Bool

  public init(name: String, dimension: Int, length: Int, actions: Int = 0, hasAges: Bool = false) {
    self.name = name
    self.dimension = dimension
    self.length = length
    self.actions = actions
    self.hasAges = hasAges
  }
}

public struct TaskShape: Sendable, Equatable, Codable {
  public enum Kind: Sendable, Equatable, Codable {
    /// The logit of a probability.
    case binary
    /// A number.
    case real
    /// The logits of a softmax over so many classes.
    case classes(Int)
  }
  public var name: String
  public var kind: Kind

  public init(name: String, kind: Kind = .binary) {
    self.name = name
    self.kind = kind
  }

  /// Columns of the logits.
  public var outputs: Int {
    if case .classes(let count) = kind { count } else { 1 }
  }
}
