import Foundation
import LoamQuery
import LoamSchema
import LoamStore
import LoamTensor
import Testing

@testable import LoamTraining

/// The methods for several passes over one log: cases worked by hand, and what they do to a table.
@Suite("Multi-epoch methods")
struct MultiEpochTests {
  @Test func `Rates of rows seen 1, 9 and 99 times are 0.01505, 0.05 and 0.1 of 0.1`() {
    let log = FrequencyRates(.log, most: 99)
    for (count, rate) in [(1, 0.01505), (9, 0.05), (99, 0.1)] {
      #expect(abs(0.1 * Double(log.factor(UInt64(count))) - rate) < 5e-6)
    }
    let linear = FrequencyRates(.linear, most: 99)
    #expect([1, 9, 99].map { linear.factor($0) } == [1 / 99, 9 / 99, 1])
    #expect(log.factor(1_000) == 1)
  }

  /// One step on a table of one shard, batch occurrences included.
  private static func step(
    _ table: TrainingTable, _ ids: [ID], occurrences: [UInt32], gradient: [Float], number: UInt64, rate: Double? = nil
  ) throws {
    var batch = FeatureBatch.Rows()
    batch.references = try ids.map { try table.admit($0) }
    batch.occurrences = occurrences
    batch.starts = [0, ids.count]
    let step = TableStep(table.optimizer, number: number, rate: rate ?? table.optimizer.rate)
    try table.noteOccurrences(shard: 0, batch)
    table.beginUpdate(step)
    try gradient.withUnsafeBufferPointer { gradient in
      try table.update(shard: 0, batch, .init(vectors: gradient.baseAddress), step)
    }
  }

  private static func table(_ planted: PlantedStore, _ optimizer: TableOptimizerConfig, deviation: Double = 0) throws
    -> TrainingTable
  {
    let definition = TableDefinition(space: "item", dimension: 1, hasWeight: false)
    let spec = EmbeddingLayout.spec(definition, model: "m", optimizer: optimizer, deviation: deviation, seed: 1)
    let write = try planted.store.begin([spec])
    return try TrainingTable(
      definition, spec, optimizer, write: write,
      admission: Admission(write.base, space: "item", logs: [], minimum: 1), decayLog: 0)
  }

  private static func values(_ table: TrainingTable, _ ids: [ID]) throws -> [Float] {
    var values = [Float](repeating: 0, count: ids.count)
    try table.fetch(ids.map { try table.lookUp($0) }, vectors: &values, weights: nil)
    return values
  }

  @Test(arguments: [TableOptimizerConfig.Kind.adam, .sgd, .rowwiseAdagrad])
  func `Frequency scales the rate and not the gradient, counts first, then the maximum, then rates`(
    kind: TableOptimizerConfig.Kind
  ) throws {
    let planted = try PlantedStore(shards: 1)
    var optimizer = TableOptimizerConfig(kind)
    (optimizer.rate, optimizer.frequencyRate) = (0.1, .log)
    let table = try Self.table(planted, optimizer)
    // First step of each: Adam and Adagrad move by the whole rate whatever the gradient, SGD by rate times gradient 1.
    try Self.step(table, [1, 2, 3], occurrences: [1, 9, 99], gradient: [1, 1, 1], number: 1)
    let found = try Self.values(table, [1, 2, 3])
    for (value, rate) in zip(found, [0.01505, 0.05, 0.1]) { #expect(abs(Double(-value) - rate) < 5e-6) }
    #expect(table.mostOccurrences == 99)
  }

  @Test func `Missing and unknown IDs, however frequent, leave the rates of others alone`() throws {
    let planted = try PlantedStore(shards: 1)
    var optimizer = TableOptimizerConfig(.sgd)
    (optimizer.rate, optimizer.frequencyRate) = (1, .linear)
    let table = try Self.table(planted, optimizer)
    try Self.step(
      table, [.missing, .unknown, 5, 6], occurrences: [1_000, 500, 4, 1], gradient: [1, 1, 1, 1], number: 1)
    #expect(try Self.values(table, [.missing, .unknown, 5, 6]) == [-1, -1, -1, -0.25])
  }

  @Test func `AdamAR shrinks a row by the rate times its gap, by nothing at its first use`() throws {
    let planted = try PlantedStore(shards: 1)
    var optimizer = TableOptimizerConfig(.adam)
    (optimizer.rate, optimizer.gapDecay) = (0.1, 0.05)
    let table = try Self.table(planted, optimizer)
    try Self.step(table, [1], occurrences: [1], gradient: [1], number: 7)
    // m and v of step 7: 0.1 and 0.001, corrected by 1 - 0.9^7 and 1 - 0.999^7.
    let bias1: Double = 1 - pow(0.9, 7.0), bias2: Double = 1 - pow(0.999, 7.0)
    let first = -0.1 * (0.1 / bias1) / (0.001 / bias2).squareRoot()
    #expect(abs(Double(try Self.values(table, [1])[0]) - first) < 1e-6)
    // Ten steps later without a gradient: 1 - 0.1 min(1, 0.05 · 10) of it is left, and the moments still push.
    try Self.step(table, [1], occurrences: [1], gradient: [0], number: 17)
    let late1: Double = 1 - pow(0.9, 17.0), late2: Double = 1 - pow(0.999, 17.0)
    let push = 0.1 * (0.09 / late1) / (0.000999 / late2).squareRoot()
    #expect(abs(Double(try Self.values(table, [1])[0]) - (first * 0.95 - push)) < 1e-5)
  }

  @Test func `The first step of AdamW at rate 0.1 and gradient 0.5 is -0.1, and its decay is not times the rate`()
    throws
  {
    let planted = try PlantedStore(shards: 1)
    var optimizer = TableOptimizerConfig(.adamW)
    optimizer.rate = 0.1
    let table = try Self.table(planted, optimizer)
    try Self.step(table, [1], occurrences: [1], gradient: [0.5], number: 1)
    #expect(abs(try Self.values(table, [1])[0] + 0.1) < 1e-6)

    optimizer.decay = 0.25
    let other = try PlantedStore(shards: 1)
    let decaying = try Self.table(other, optimizer)
    try Self.step(decaying, [1], occurrences: [1], gradient: [0.5], number: 1)
    let before = try Self.values(decaying, [1])[0]
    try Self.step(decaying, [2], occurrences: [1], gradient: [0.5], number: 2)
    #expect(try Self.values(decaying, [1])[0] == before)
    // Used again without a gradient at rate 0, it keeps three quarters.
    try Self.step(decaying, [1], occurrences: [1], gradient: [0], number: 3, rate: 0)
    #expect(abs(try Self.values(decaying, [1])[0] - 0.75 * before) < 1e-7)
  }

  @Test func `Beginning anew draws other first values, zeroes moments, and keeps counts and last steps`() throws {
    let planted = try PlantedStore(shards: 1)
    let table = try Self.table(planted, TableOptimizerConfig(.adam), deviation: 0.5)
    let ids: [ID] = [1, 2, 3, 4]
    for id in ids { _ = try table.admit(id) }
    let drawn = try Self.values(table, ids)
    try Self.step(table, ids, occurrences: [1, 2, 3, 4], gradient: [1, 1, 1, 1], number: 1)
    try table.beginAnew(shard: 0, generation: 1)
    let anew = try Self.values(table, ids)
    #expect(zip(anew, drawn).allSatisfy { $0 != $1 } && anew.allSatisfy { abs($0) < 2.5 && $0 != 0 })
    for (index, id) in ids.enumerated() {
      let row = try table.lookUp(id)
      for slot in table.layout.vector!.slots { #expect(try table.writer.row(slot, row).load(as: Float.self) == 0) }
      #expect(try table.writer.row(table.layout.count, row).load(as: UInt64.self) == UInt64(index + 1))
      #expect(try table.writer.row(table.layout.lastStep, row).load(as: UInt64.self) == 1)
    }
    try table.beginAnew(shard: 0, generation: 0)
    #expect(try Self.values(table, ids) == drawn)
  }

  @Test func `Schedules warm up, and come down by lines and cosines to what is to be left`() {
    var schedule = ScheduleConfig()
    schedule.warmupSteps = 10
    #expect([1, 5, 10, 11, 500].map { schedule.factor(step: $0, of: 100) } == [0.1, 0.5, 1, 1, 1])
    (schedule.kind, schedule.final) = (.linear, 0.2)
    let line = [5, 10, 55, 100, 200].map { schedule.factor(step: $0, of: 100) }
    for (a, b) in zip(line, [0.5, 1, 0.6, 0.2, 0.2]) { #expect(abs(a - b) < 1e-12) }
    (schedule.kind, schedule.steps) = (.cosine, 30)
    let found = [10, 20, 30, 31].map { schedule.factor(step: $0, of: 100) }
    for (a, b) in zip(found, [1, 0.6, 0.2, 0.2]) { #expect(abs(a - b) < 1e-12) }
  }

  @Test func `The plateau's scale is for the parts that it names, and stops at its floor`() throws {
    let planted = try PlantedStore(shards: 1)
    let config = try planted.config(
      "rate_on_plateau: {factor: 0.5, floor: 0.002, for: tables}", ("optimizer.tables.rate", "0.01"))
    let rates = StepRates(config, step: 1, of: 10, scale: 0.5)
    #expect(rates.tables == 0.005 && rates.dense == 0.01)
    #expect(StepRates(config, step: 1, of: 10, scale: 0.001).tables == 0.002)
  }

  @Test func `A run that begins each epoch anew publishes trained rows, and starts the next from others`() throws {
    let planted = try PlantedStore()
    try planted.ingest("train", rows: 600, seed: 1)
    try planted.ingest("valid", rows: 100, seed: 2)
    // With rates of zero, rows stay what they began an epoch with.
    let still: [(String, String)] = [("optimizer.tables.rate", "0"), ("optimizer.dense.rate", "0")]
    func users(_ epochs: String, _ text: String) throws -> [Float] {
      let config = try ModelConfig(
        yaml: planted.config(text).yaml, file: "c", schema: PlantedStore.schema,
        settings: (still + [("epochs", epochs), ("name", "m\(text.count)e\(epochs)")]).map { (path: $0, value: $1) })
      _ = try planted.trainer(config).run()
      return try EmbeddingReader(planted.store.snapshot(), model: config.name, space: "user")!.vector(of: 3) ?? []
    }
    let (first, second) = (try users("1", "reinitialise: all"), try users("2", "reinitialise: all"))
    #expect(first.count == 4)
    #expect(zip(first, second).allSatisfy { $0 != $1 })
  }
}
