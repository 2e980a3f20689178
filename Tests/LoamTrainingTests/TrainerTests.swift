import LoamModels
import LoamQuery
import LoamSchema
import LoamStore
import LoamTensor
import Testing

@testable import LoamTraining

@Suite("Trainer")
struct TrainerTests {
  static let optimizers = [
    "{kind: adam, rate: 0.01}", "{kind: adam, rate: 0.01, l2: 0.01, l2_mode: every_row}",
    "{kind: adam, rate: 0.01, decay: 0.1}", "{kind: adagrad, rate: 0.05, initial_accumulator: 0.1}",
    "{kind: rowwise_adagrad, rate: 0.05}", "{kind: sgd, rate: 0.5, l2: 0.01}",
    "{kind: adam, rate: 0.01, frequency_rate: log, gap_decay: 0.01, schedule: cosine}",
    "{kind: adamw, rate: 0.01, decay: 0.01}", "{kind: ftrl, rate: 0.1, l1: 0.01}", "{kind: every_row_adam, rate: 0.01}",
  ]

  @Test func `A planted linear effect is learned nearly as well as its own probabilities predict`() throws {
    let planted = try PlantedStore()
    try planted.ingest("train", rows: 20_000, seed: 1)
    let truth = try planted.ingest("valid", rows: 5_000, seed: 2)
    let config = try ModelConfig(
      yaml: """
        {model: lr, name: ctr, label: click, train: train, validation: valid, batch_size: 64, epochs: 4, fields: {exclude: [seen]},
         optimizer: {tables: {kind: adagrad, rate: 0.1}, dense: {rate: 0.01}}}
        """, file: "lr.yaml", schema: PlantedStore.schema)
    let report = try planted.trainer(config).run()
    let reader = try FeatureLogReader(planted.store.snapshot(), TableName(.log, "valid"))!
    guard case .real(let labels)? = try reader.group(0).columns["label/click"] else { return }
    let oracle = BinaryMetrics.auc(scores: truth.map { Float($0) }, labels: labels)
    let found = try #require(report.epochs.last?.evaluations.first)
    #expect(oracle > 0.75)
    #expect(found.auc > oracle - 0.01, "found \(found.auc), oracle \(oracle)")
    #expect(found.normalisedEntropy < 0.9)
    #expect(abs(found.calibration - 1) < 0.1)
  }

  @Test(arguments: optimizers)
  func `A run stopped anywhere and gone on with ends in the roots of an undisturbed one`(optimizer: String) throws {
    let undisturbed = try PlantedStore()
    try undisturbed.ingest("train", rows: 1_000, seed: 1)
    try undisturbed.ingest("valid", rows: 200, seed: 2)
    let config = try undisturbed.config("reinitialise: {above_ids: 50}", ("optimizer.tables", optimizer))
    _ = try undisturbed.trainer(config).run()

    // Other shards, the log in pieces, checkpoints, stops in the middle and at the end of an epoch.
    let disturbed = try PlantedStore(shards: 3)
    try disturbed.ingest("train", rows: 1_000, seed: 1, pieces: 4)
    try disturbed.ingest("valid", rows: 200, seed: 2)
    var often = config
    often.checkpointEverySteps = 3
    for stop in [1, 5, 10, 7] {
      var steps = 0
      let report = try disturbed.trainer(often).run(stopping: {
        steps += 1
        return steps == stop
      })
      #expect(report.end == .interrupted)
      try disturbed.ingest("valid2", rows: 10, seed: 3)
      try disturbed.reopen()
    }
    let report = try disturbed.trainer(config).run()
    #expect(report.end == .epochsDone)
    #expect(report.history.count == 2)
    #expect(try disturbed.roots() == undisturbed.roots())
  }

  @Test func `bf16 trains where the processor multiplies it and is refused elsewhere`() throws {
    let planted = try PlantedStore()
    try planted.ingest("train", rows: 500, seed: 1)
    try planted.ingest("valid", rows: 100, seed: 2)
    let trainer = try planted.trainer(planted.config("precision: bf16"))
    guard let problem = Precision.bf16.problem else {
      #expect(try trainer.run().end == .epochsDone)
      return
    }
    let error = #expect(throws: TrainingError.self) { try trainer.run() }
    #expect(error?.code == "training.bad-config" && error?.message == problem)
    #expect(try planted.store.snapshot().record.tables.keys.allSatisfy { !$0.hasPrefix("model:") })
  }

  @Test func `A run that is killed between checkpoints ends in the same roots`() throws {
    let undisturbed = try PlantedStore()
    try undisturbed.ingest("train", rows: 1_000, seed: 1)
    try undisturbed.ingest("valid", rows: 200, seed: 2)
    let config = try undisturbed.config("checkpoint: {every_steps: 7}")
    // What the files hold in the middle of a step is what a kill at that moment leaves.
    var steps = 0
    var killed: [PlantedStore] = []
    _ = try undisturbed.trainer(config).run(stopping: {
      steps += 1
      if [3, 13, 16, 31].contains(steps), let copy = try? undisturbed.copy() { killed.append(copy) }
      return false
    })
    #expect(killed.count == 4)
    for store in killed {
      _ = try store.trainer(config).run()
      #expect(try store.roots() == undisturbed.roots())
    }
  }

  @Test func `A validation log changes nothing that is trained, minimum counts included`() throws {
    let alone = try PlantedStore()
    try alone.ingest("train", rows: 1_000, seed: 1)
    let together = try PlantedStore()
    try together.ingest("valid", rows: 3_000, seed: 2)
    try together.ingest("train", rows: 1_000, seed: 1)
    var config = try alone.config("seed: 3", ("fields.minimum_count", "20"))
    config.validation = []
    _ = try alone.trainer(config).run()
    _ = try together.trainer(config).run()
    #expect(try alone.roots() == together.roots())
    let users = try EmbeddingReader(alone.store.snapshot(), model: "ctr", space: "user")!
    // Rare users have no row of their own: they read that of unknown IDs.
    #expect(users.rowCount < 60)
    #expect(try users.vector(of: 59) == nil)
    #expect(try users.row(of: 59) == users.row(of: .unknown))
  }

  @Test func `Another seed ends in other roots`() throws {
    let a = try PlantedStore()
    let b = try PlantedStore()
    for planted in [a, b] {
      try planted.ingest("train", rows: 300, seed: 1)
      try planted.ingest("valid", rows: 100, seed: 2)
    }
    _ = try a.trainer(a.config("", ("epochs", "1"))).run()
    _ = try b.trainer(b.config("", ("epochs", "1"), ("seed", "2"))).run()
    #expect(try a.roots() != b.roots())
  }

  @Test func `A finished run is found done, and more epochs go on from it`() throws {
    let planted = try PlantedStore()
    try planted.ingest("train", rows: 300, seed: 1)
    try planted.ingest("valid", rows: 100, seed: 2)
    let first = try planted.trainer(planted.config("", ("epochs", "1"))).run()
    let again = try planted.trainer(planted.config("", ("epochs", "1"))).run()
    #expect(again.version == first.version && again.epochs.isEmpty)
    let more = try planted.trainer(planted.config("", ("epochs", "3"))).run()
    #expect(more.epochs.map(\.epoch) == [2, 3])
  }

  @Test func `A model of the same name and another config is refused`() throws {
    let planted = try PlantedStore()
    try planted.ingest("train", rows: 300, seed: 1)
    try planted.ingest("valid", rows: 100, seed: 2)
    _ = try planted.trainer(planted.config("", ("epochs", "1"))).run()
    let error = #expect(throws: TrainingError.self) {
      try planted.trainer(planted.config("", ("batch_size", "32"))).run()
    }
    #expect(error?.code == "training.model-exists")
  }

  @Test func `Each epoch is a version with its metrics, and the best one has an alias`() throws {
    let planted = try PlantedStore()
    try planted.ingest("train", rows: 600, seed: 1)
    try planted.ingest("valid", rows: 300, seed: 2)
    let report = try planted.trainer(planted.config("early_stopping: {patience: 2}", ("epochs", "8"))).run()
    let best = try #require(report.epochs.last { $0.isBest })
    #expect(try planted.store.aliases()["ctr-best"] == best.version)
    #expect(try planted.store.aliases()["ctr-data"] == nil)
    let record = try planted.store.snapshot(at: .name("ctr-best")).record
    #expect(record.metrics["ctr/valid/auc"] == best.evaluations[0].auc)
    #expect(record.metrics["ctr/epoch"] == Double(best.epoch))
    // The version's own reading gives what the run measured before it published.
    let evaluated = try Evaluator(planted.store.snapshot(at: .name("ctr-best")), model: "ctr").evaluate(log: "valid")
    #expect(evaluated.auc == best.evaluations[0].auc)
    #expect(evaluated.logLoss == best.evaluations[0].logLoss)
  }

  @Test func `Predictions of a row group are those of the evaluation of its log`() throws {
    let planted = try PlantedStore()
    try planted.ingest("train", rows: 600, seed: 1)
    try planted.ingest("valid", rows: 300, seed: 2)
    let report = try planted.trainer(planted.config("", ("optimizer.tables.decay", "0.5"))).run()
    let snapshot = try planted.store.snapshot()
    let group = try FeatureLogReader(snapshot, TableName(.log, "valid"))!.group(0)
    let scores = try Predictor(snapshot, model: "ctr").predict(group, place: "valid.csv")
    guard case .real(let labels)? = group.columns["label/click"] else { return }
    let metrics = BinaryMetrics(probabilities: scores, labels: labels)
    #expect(metrics.auc == report.epochs.last?.evaluations[0].auc)
    #expect(metrics.logLoss == report.epochs.last?.evaluations[0].logLoss)
  }
}
