import LoamModels
import LoamQuery
import LoamSchema
import LoamStore
import LoamTensor

/// A run under way: steps, epochs, checkpoints.
final class TrainingRun {
  private let trainer: Trainer
  private let plan: RunPlan
  private let write: Write
  private let engine: StepEngine
  private let reader: FeatureReader
  private var position: RunPosition
  private var reports: [EpochReport] = []
  private var version: UInt64
  private let began = ContinuousClock.now
  private var published = ContinuousClock.now

  init(_ trainer: Trainer, _ plan: RunPlan, _ write: Write, _ found: FoundRun?) throws(TrainingError) {
    self.trainer = trainer
    self.plan = plan
    self.write = write
    version = write.base.record.version
    position = found?.position ?? RunPosition(logs: plan.logs(), frozen: plan.frozen())
    reader = try TrainingError.query { () throws(QueryError) in
      try FeatureReader(plan.data, logs: plan.config.train, definition: plan.definition)
    }
    guard reader.rowCount > 0 else {
      throw .training(.noLabels, "the logs \(plan.config.train.joined(separator: ", ")) have no rows")
    }
    let tables = try Self.tables(plan, write, found)
    engine = StepEngine(
      try plan.definition.makeModel(), plan.definition, tables: tables, config: plan.config,
      pool: LanePool(threads: trainer.threads))
    if let found {
      let (engine, step) = (engine, position.step)
      try TrainingError.query { () throws(QueryError) in try engine.restore(from: found.blobs, step: step) }
    }
  }

  private static func tables(_ plan: RunPlan, _ write: Write, _ found: FoundRun?) throws(TrainingError)
    -> [TrainingTable]
  {
    var tables: [TrainingTable] = []
    let sequences = plan.definition.fields.filter { $0.length > 0 }
    for (index, (table, spec)) in zip(plan.definition.tables, plan.embeddings).enumerated() {
      let (decay, most) = try TrainingError.query { () throws(QueryError) in
        (try found?.blobs.decayLog(space: table.space), try found?.blobs.mostOccurrences(space: table.space))
      }
      tables.append(
        try TrainingError.store { () throws(StoreError) in
          try TrainingTable(
            table, spec, plan.config.optimizer.tables, write: write,
            admission: Admission(
              plan.data, space: table.space, logs: plan.config.train, minimum: table.minimumCount),
            decayLog: decay ?? 0, mostOccurrences: most ?? 0,
            countsOccurrences: plan.config.needs.frequencies && sequences.contains { $0.table == index },
            anew: found == nil,
            firstVectors: plan.firstVectors[table.space])
        })
    }
    return tables
  }

  func run(stopping: () -> Bool, progress: (TrainingProgress) -> Void) throws(TrainingError) -> TrainingReport {
    let config = plan.config
    progress(
      .began(rows: reader.rowCount, steps: stepsPerEpoch, epochs: config.epochs, resumedAtStep: position.step))
    while position.epoch < config.epochs, !position.stoppedEarly {
      guard try trainEpoch(stopping, progress) else {
        _ = try publish(PublishOptions(note: note("interrupted")))
        return report(.interrupted)
      }
    }
    return report(position.stoppedEarly ? .stoppedEarly : .epochsDone)
  }

  private var stepsPerEpoch: Int { (reader.rowCount + plan.config.batchSize - 1) / plan.config.batchSize }

  /// - Returns: false if asked to stop.
  private func trainEpoch(_ stopping: () -> Bool, _ progress: (TrainingProgress) -> Void) throws(TrainingError) -> Bool
  {
    let config = plan.config
    let start = ContinuousClock.now
    var trained = 0
    try seek()
    if position.stepOfEpoch == 0 {
      let epoch = position.epoch
      try TrainingError.store { () throws(StoreError) in try engine.beginEpoch(epoch) }
    }
    let ahead = PrefetchingReader(reader, rowCount: config.batchSize)
    defer { ahead.stop() }
    while let batch = try TrainingError.query({ () throws(QueryError) in try ahead.next() }) {
      defer { ahead.giveBack(batch) }
      let loss = try engine.step(
        batch, number: position.step + 1, numberInEpoch: position.stepOfEpoch + 1,
        rates: StepRates(config, step: position.step + 1, of: stepsPerEpoch * config.epochs, scale: position.rateScale))
      position.step += 1
      position.stepOfEpoch += 1
      position.lossSum += Double(loss) * Double(batch.rowCount)
      position.rowSum += batch.rowCount
      trained += batch.rowCount
      progress(
        .step(
          epoch: position.epoch + 1, step: position.stepOfEpoch, steps: stepsPerEpoch,
          loss: position.lossSum / Double(position.rowSum),
          samplesPerSecond: Double(trained) / max(start.seconds, 1e-9)))
      if isCheckpointDue {
        progress(.checkpoint(version: try publish(PublishOptions(note: note("checkpoint"), goOn: true))))
      }
      if stopping() { return false }
    }
    try endEpoch(trained: trained, seconds: start.seconds, progress)
    return true
  }

  private var isCheckpointDue: Bool {
    if let every = plan.config.checkpointEverySteps, position.step % UInt64(every) == 0 { return true }
    return plan.config.checkpointEveryMinutes.map { published.seconds >= $0 * 60 } ?? false
  }

  private func seek() throws(TrainingError) {
    let (config, position) = (plan.config, position)
    try TrainingError.query { () throws(QueryError) in
      try reader.begin(
        epoch: position.epoch, seed: config.shuffle.isOn ? config.seed : nil, windowRows: config.shuffle.windowRows,
        skippingRows: position.stepOfEpoch * config.batchSize)
    }
  }

  private func endEpoch(trained: Int, seconds: Double, _ progress: (TrainingProgress) -> Void) throws(TrainingError) {
    let evaluations = try evaluate(progress)
    let loss = position.lossSum / Double(max(position.rowSum, 1))
    let isBest = position.endEpoch(loss: loss, evaluations, plan.config)
    let samplesPerSecond = seconds > 0 ? Double(trained) / seconds : 0
    let name = plan.config.name
    var metrics = ["\(name)/train/loss": loss, "\(name)/train/samples_per_second": samplesPerSecond]
    metrics["\(name)/epoch"] = Double(position.epoch)
    for evaluation in evaluations {
      for (metric, value) in evaluation.metrics { metrics["\(name)/\(evaluation.log)/\(metric)"] = value }
      metrics["\(name)/\(evaluation.log)/samples_per_second"] = evaluation.samplesPerSecond
    }
    let isLast = position.stoppedEarly || position.epoch >= plan.config.epochs
    let version = try publish(
      PublishOptions(
        note: note("epoch"), aliases: isBest ? [trainer.bestAlias] : [], metrics: metrics, goOn: !isLast))
    let report = EpochReport(
      epoch: position.epoch, step: position.step, loss: loss, evaluations: evaluations, isBest: isBest,
      version: version, seconds: seconds, samplesPerSecond: samplesPerSecond)
    reports.append(report)
    progress(.epoch(report))
  }

  private func evaluate(_ progress: (TrainingProgress) -> Void) throws(TrainingError) -> [EvaluationReport] {
    var reports: [EvaluationReport] = []
    let evaluation = Evaluation(
      plan.data, plan.definition, Scorer(engine.model, plan.definition, tables: engine.tables),
      FixedRows(engine.tables), metrics: plan.config.metrics, train: plan.config.train)
    for log in plan.config.validation {
      reports.append(try evaluation.run(log: log) { progress(.evaluating(log: log, rows: $0, of: $1)) })
    }
    return reports
  }

  private func publish(_ options: PublishOptions) throws(TrainingError) -> UInt64 {
    let writer = ModelWriter(plan: plan, engine: engine, write: write)
    let position = position
    defer { published = .now }
    version = try TrainingError.store { () throws(StoreError) in try writer.publish(position, options) }.version
    return version
  }

  private func note(_ what: String) -> String {
    "train \(plan.config.name): \(what), epoch \(max(position.epoch, 1)), step \(position.step)"
  }

  private func report(_ end: TrainingReport.End) -> TrainingReport {
    TrainingReport(
      model: plan.config.name, end: end, epochs: reports, history: position.history.map(\.all),
      bestEpoch: position.bestEpoch, best: position.best, version: version, seconds: began.seconds)
  }
}

extension ContinuousClock.Instant {
  /// Since then.
  var seconds: Double {
    let (seconds, attoseconds) = duration(to: .now).components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }
}
