import LoamQuery
import LoamSchema

/// A run that a version holds.
struct FoundRun {
  let blobs: ModelBlobs
  let config: String
  let definition: ModelDefinition
  let position: RunPosition

  init(_ blobs: ModelBlobs) throws(QueryError) {
    self.blobs = blobs
    config = try blobs.config()
    definition = try blobs.definition()
    position = try blobs.json("position", as: RunPosition.self)
  }

  func isDone(_ config: ModelConfig) -> Bool { position.stoppedEarly || position.epoch >= config.epochs }

  func report(_ config: ModelConfig, version: UInt64) -> TrainingReport {
    TrainingReport(
      model: config.name, end: position.stoppedEarly ? .stoppedEarly : .epochsDone, epochs: [],
      history: position.history.map(\.all), bestEpoch: position.bestEpoch, best: position.best, version: version,
      seconds: 0)
  }
}

extension RunPosition.Epoch {
  var all: [String: Double] { metrics.merging(["train/loss": loss]) { old, _ in old } }
}

extension ModelConfig {
  static func stored(_ yaml: String, schema: Schema) throws(TrainingError) -> ModelConfig {
    do throws(SchemaError) {
      return try ModelConfig(yaml: yaml, file: "the stored config", schema: schema)
    } catch {
      throw .schema(error)
    }
  }

  /// Whether a run of this config may go on as one of `other`: only how long it goes, when it is stored and
  /// what is measured may differ.
  func trainsLike(_ other: ModelConfig) -> Bool {
    var same = self
    if !optimizer.tables.schedule.dependsOnEpochs && !optimizer.dense.schedule.dependsOnEpochs {
      same.epochs = other.epochs
    }
    same.checkpointEverySteps = other.checkpointEverySteps
    same.checkpointEveryMinutes = other.checkpointEveryMinutes
    same.dirtyBytesMax = other.dirtyBytesMax
    same.metrics = other.metrics
    return same == other
  }
}
