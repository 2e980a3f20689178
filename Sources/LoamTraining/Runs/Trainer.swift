import LoamQuery
import LoamSchema
import LoamStore

/// Trains one model on logs of a store, in place.
///
/// ```swift
/// let config = try ModelConfig(yaml: text, file: "ctr.yaml", schema: schema)
/// let report = try Trainer(store: store, schema: schema, config: config).run { print($0) }
/// ```
///
/// Each epoch ends in a version that holds everything: rows, optimizer state, dense weights, position, config, metrics.
/// A run that was interrupted goes on from the last one, and ends in the roots of an undisturbed run, however many
/// checkpoints and threads there were: same logs, config and build, same roots. The alias `NAME-best` names the version of the best
/// epoch.
///
/// It leases `model:NAME` and `embedding:NAME/*` only; ingest may go on meanwhile, and the run reads the logs as they
/// were when it began (kept by the alias `NAME-data` until the run ends).
public struct Trainer {
  public let store: Store
  public let schema: Schema
  public let config: ModelConfig
  /// How many threads compute a step; 0: one a core. Any number ends in the same roots.
  public let threads: Int
  /// A stored model of this name that is done, or was trained with another config, is trained anew from the logs as they
  /// are now; versions keep the old one. Without it the one is found done, and the other refused.
  public let replaces: Bool

  public init(store: Store, schema: Schema, config: ModelConfig, threads: Int = 0, replaces: Bool = false) {
    self.store = store
    self.schema = schema
    self.config = config
    self.threads = threads
    self.replaces = replaces
  }

  public var bestAlias: String { "\(config.name)-best" }
  var dataAlias: String { "\(config.name)-data" }

  /// Begins the run, or goes on with it where the store has it unfinished.
  ///
  /// - Parameters:
  ///   - progress: called on this thread.
  ///   - stopping: asked after each step; true: a checkpoint is published and the run ends as interrupted.
  /// - Throws: `training.model-exists`: the store has a model of this name with another config. `training.logs-changed`:
  ///   an unfinished run's logs are gone. `training.diverged`. `store.table-busy`: somebody trains it. Other codes of
  ///   `store` and `query` as they come.
  public func run(progress: (TrainingProgress) -> Void = { _ in }, stopping: () -> Bool = { false })
    throws(TrainingError) -> TrainingReport
  {
    if let problem = config.precision.problem {
      throw .training(.badConfig, problem, hint: "Train with precision: f32, or on another machine.")
    }
    let latest = try TrainingError.store { () throws(StoreError) in try store.snapshot() }
    let found = try unfinished(latest)
    if found == nil { try requireNoFrozenTable(latest) }
    if let found, found.isDone(config) { return found.report(config, version: latest.record.version) }
    let data = try found.map { (found) throws(TrainingError) in try dataSnapshot(latest, found.position) } ?? latest
    let plan = try RunPlan(config, schema, data: data, definition: found?.definition)
    let old = found == nil ? plan.left(by: latest) : []
    let write = try TrainingError.store { () throws(StoreError) in try store.begin(plan.specs + old) }
    if let bytes = config.dirtyBytesMax { write.dirtyBytesMax = bytes }
    let name = plan.modelTable.name.description
    guard write.base.record.tables[name]?.stamp == latest.record.tables[name]?.stamp else {
      throw .store(StoreError(.tableBusy, "\(name) was published while the run began", hint: "Repeat."))
    }
    if found == nil {
      try TrainingError.store { () throws(StoreError) in
        try store.setAlias(dataAlias, to: .number(data.record.version))
      }
    }
    try TrainingError.store { () throws(StoreError) in try plan.clear(old, write) }
    let run = try TrainingRun(self, plan, write, found)
    let report = try run.run(stopping: stopping, progress: progress)
    if report.end != .interrupted {
      // The version is not needed any more; somebody may have taken the alias away already.
      try? store.removeAlias(dataAlias)
    }
    return report
  }

  /// The run of this model that the store has; `nil`: none.
  private func unfinished(_ latest: Snapshot) throws(TrainingError) -> FoundRun? {
    let blobs = try TrainingError.query { () throws(QueryError) in try ModelBlobs(latest, model: config.name) }
    guard let blobs else { return nil }
    let found = try TrainingError.query { () throws(QueryError) in try FoundRun(blobs) }
    let stored = try ModelConfig.stored(found.config, schema: schema)
    let goesOn = stored.trainsLike(config)
    if replaces, !goesOn || found.isDone(config) { return nil }
    guard goesOn else {
      throw .training(
        .modelExists, "the store has a model '\(config.name)' that was trained with another config",
        hint:
          "Give this one another name, or train it anew with --replace; what the stored one was trained with is shown by: "
          + "loam versions show --config.")
    }
    return found
  }

  private func dataSnapshot(_ latest: Snapshot, _ position: RunPosition) throws(TrainingError) -> Snapshot {
    let aliases = try TrainingError.store { () throws(StoreError) in try store.aliases() }
    var snapshot = latest
    if let version = aliases[dataAlias] {
      snapshot = try TrainingError.store { () throws(StoreError) in try store.snapshot(at: .number(version)) }
    }
    for log in position.logs where snapshot.record.tables["log:\(log.name)"]?.root.description != log.root {
      throw .training(
        .logsChanged, "the log '\(log.name)' is not the one that the unfinished run of '\(config.name)' began with",
        hint: "Train under another name, or revert the log.")
    }
    for table in position.frozen ?? []
    where snapshot.record.tables["embedding:\(table.name)"]?.root.description != table.root {
      throw .training(
        .logsChanged,
        "the vectors '\(table.name)' are not those that the unfinished run of '\(config.name)' began with",
        hint: "Train under another name, or revert the table.")
    }
    return snapshot
  }
}
