/// What goes into a model and what comes out, by count.
public struct ModelShape: Sendable, Equatable, Codable {
  public var fields: [FieldShape]
  /// Dense features.
  public var denseCount: Int
  public var tasks: [TaskShape]

  public init(fields: [FieldShape], denseCount: Int, tasks: [TaskShape]) {
    self.fields = fields
    self.denseCount = denseCount
    self.tasks = tasks
  }
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

public struct TaskShape: Sendable, Equatable, Codable {
  public enum Kind: String, Sendable, Codable {
    /// The logit of a probability.
    case binary
    /// A number.
    case real
  }
  public var name: String
  public var kind: Kind

  public init(name: String, kind: Kind = .binary) {
    self.name = name
    self.kind = kind
  }
}

extension ModelShape {
  /// The dimension that all fields share; nil without fields.
  func commonDimension(of model: String) throws(ModelError) -> Int? {
    guard let first = fields.first else { return nil }
    for field in fields where field.dimension != first.dimension {
      throw ModelError(
        .badShape,
        "\(model) needs one dimension for all fields: \(first.name) has \(first.dimension), \(field.name) \(field.dimension)"
      )
    }
    return first.dimension
  }

  func requireOneTask(of model: String) throws(ModelError) {
    guard tasks.count == 1 else {
      throw ModelError(.badShape, "\(model) predicts one task, found \(tasks.count): \(tasks.map(\.name))")
    }
  }

  func requireInputs(of model: String) throws(ModelError) {
    guard !fields.isEmpty || denseCount > 0 else {
      throw ModelError(.badShape, "\(model) has neither ID fields nor dense features to read")
    }
  }
}
