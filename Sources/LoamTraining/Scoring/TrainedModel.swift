import LoamModels
import LoamQuery
import LoamSchema
import LoamStore
import LoamTensor

/// A model of one version, ready to score: its definition, its dense weights and the readers of its tables.
public final class TrainedModel {
  public let snapshot: Snapshot
  public let definition: ModelDefinition
  public let model: any Model
  public let tables: [EmbeddingReader]

  public init(_ snapshot: Snapshot, model name: String) throws(TrainingError) {
    self.snapshot = snapshot
    let blobs = try TrainingError.query { () throws(QueryError) in try ModelBlobs(snapshot, model: name) }
    guard let blobs else { throw Self.unknown(name, snapshot) }
    let definition = try TrainingError.query { () throws(QueryError) in try blobs.definition() }
    let model = try definition.makeModel()
    try TrainingError.query { () throws(QueryError) in try model.restore(from: blobs) }
    (self.definition, self.model) = (definition, model)
    var tables: [EmbeddingReader] = []
    for table in definition.tables {
      let reader = try TrainingError.query { () throws(QueryError) in
        try EmbeddingReader(snapshot, model: name, space: table.space)
      }
      guard let reader else {
        throw .query(
          .query(.badModel, "version \(snapshot.record.version) has no table embedding:\(name)/\(table.space)"))
      }
      tables.append(reader)
    }
    self.tables = tables
  }

  private static func unknown(_ name: String, _ snapshot: Snapshot) -> TrainingError {
    let known = snapshot.tables.filter { $0.kind == .model }.map(\.name)
    let near = nearestName(to: name, among: known)
    return .training(
      .unknownModel,
      "version \(snapshot.record.version) has no model '\(name)'"
        + (known.isEmpty ? "" : "; it has: \(known.joined(separator: ", "))"),
      hint: near.map { "Did you mean '\($0)'?" } ?? (known.isEmpty ? "Train one with: loam train" : nil))
  }
}

extension ModelDefinition {
  /// One a label.
  package var taskShapes: [TaskShape] { tasks.map(\.shape) }

  package var shape: ModelShape {
    ModelShape(
      fields: fields.filter { $0.length == 0 }.map {
        FieldShape(name: $0.name, dimension: tables[$0.table].dimension)
      },
      denseCount: dense.count,
      sequences: fields.filter { $0.length > 0 }.map {
        SequenceShape(
          name: $0.name, dimension: tables[$0.table].dimension, length: $0.length,
          actions: $0.events?.actionCount ?? 0, hasAges: $0.events?.ages != nil)
      },
      tasks: taskShapes)
  }

  /// The model with its initial dense weights.
  package func makeModel() throws(TrainingError) -> any Model {
    do throws(ModelError) {
      return try ModelRegistry.make(name: architecture, shape: shape, options: ModelOptions(options), seed: seed)
    } catch {
      throw .model(error)
    }
  }
}

extension TaskDefinition {
  var shape: TaskShape {
    switch kind {
    case .binary: TaskShape(name: label, kind: .binary)
    case .real: TaskShape(name: label, kind: .real)
    case .class: TaskShape(name: label, kind: .classes(classes.count))
    }
  }
}

extension Model {
  /// Every dense tensor that a version keeps, in one order.
  var tensors: [(name: String, tensor: Tensor)] { parameters.map { ($0.name, $0.value) } + buffers }

  /// Takes the tensors over from a version.
  func restore(from blobs: ModelBlobs) throws(QueryError) {
    for (name, tensor) in tensors {
      let values = try blobs.floats("tensor/\(name)", count: tensor.count)
      _ = tensor.buffer.update(from: values)
    }
  }
}
