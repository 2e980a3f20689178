import LoamQuery
import LoamSchema
import LoamStore
import Testing

@testable import LoamTraining

@Suite("Threads and lanes") struct ThreadsTests {
  static func roots(_ settings: [(String, String)], threads: Int, shards: Int = 2, stops: [Int] = []) throws
    -> [String: String]
  {
    let planted = try PlantedStore(shards: shards)
    try planted.ingest("train", rows: 1_000, seed: 1)
    try planted.ingest("valid", rows: 200, seed: 2)
    var config = try planted.config("gradient_clip: 0.5")
    for setting in settings {
      config = try ModelConfig(
        yaml: config.yaml, file: "test", schema: PlantedStore.schema, settings: [(path: setting.0, value: setting.1)])
    }
    for (index, stop) in stops.enumerated() {
      var steps = 0
      _ = try planted.trainer(config, threads: index % 2 + 1).run(stopping: {
        steps += 1
        return steps == stop
      })
      try planted.reopen()
    }
    _ = try planted.trainer(config, threads: threads).run()
    return try planted.roots()
  }

  /// Lanes of 64 rows of two fields of some 30 IDs: the first layer multiplies distinct vectors.
  static let repeated = [
    ("fields", "{only: [user, item], dimension: 8, deviation: 0.01}"), ("network", "{hidden: [32]}"),
    ("batch_size", "256"),
  ]

  /// Batch norm, dropout and clipping: all that is summed over a batch.
  @Test(arguments: [[], [("optimizer.tables", "{kind: adam, rate: 0.01, l2: 0.01, l2_mode: every_row}")], repeated])
  func `One root with 1, 2 and 5 threads, any shards, killed and resumed`(settings: [(String, String)]) throws {
    let expected = try Self.roots(settings, threads: 1)
    #expect(try Self.roots(settings, threads: 2) == expected)
    #expect(try Self.roots(settings, threads: 5, shards: 3) == expected)
    #expect(try Self.roots(settings, threads: 2, stops: [3, 4]) == expected)
  }

  @Test func `Another number of lanes is another rounding, and the same model`() throws {
    var found: [[Float]] = []
    for lanes in ["1", "4"] {
      let planted = try PlantedStore()
      try planted.ingest("train", rows: 1_000, seed: 1)
      try planted.ingest("valid", rows: 200, seed: 2)
      _ = try planted.trainer(planted.config("", ("lanes", lanes), ("epochs", "1"))).run()
      let items = try EmbeddingReader(planted.store.snapshot(), model: "ctr", space: "item")!
      found.append(try items.values("vector", (0..<20).map { try items.row(of: $0) }))
    }
    #expect(found[0] != found[1])
    #expect(zip(found[0], found[1]).allSatisfy { abs($0 - $1) < 1e-3 })
  }

  @Test func `A row's own rate scales its update`() throws {
    let planted = try PlantedStore()
    for kind in TableOptimizerConfig.Kind.allCases where kind != .ftrl {
      let optimizer = TableOptimizerConfig(kind)
      let spec = EmbeddingLayout.spec(
        TrainingTableTests.definition, model: "m\(kind)", optimizer: optimizer, deviation: 0.5, seed: 1)
      let write = try planted.store.begin([spec])
      let table = try TrainingTable(
        TrainingTableTests.definition, spec, optimizer, write: write,
        admission: Admission(write.base, space: "item", logs: [], minimum: 1), decayLog: 0)
      let rows = try [ID]([1, 2, 3]).map { try table.admit($0) }.sorted { $0.packed < $1.packed }
      let before = try TrainingTableTests.fetch(table, rows)
      let step = TableStep(optimizer, number: 1, rate: 0.1)
      table.beginUpdate(step)
      let batch = TrainingTableTests.batch(rows, occurrences: 1)
      let (gradients, rates) = ([Float](repeating: 0.5, count: 9), [Float]([1, 0.25, 0]))
      try gradients.withUnsafeBufferPointer { gradients in
        try rates.withUnsafeBufferPointer { rates in
          let sums = TrainingTable.Gradients(
            vectors: gradients.baseAddress, weights: gradients.baseAddress, rates: rates.baseAddress)
          for shard in table.scratch.indices { try table.update(shard: shard, batch, sums, step) }
        }
      }
      let moved = zip(before, try TrainingTableTests.fetch(table, rows)).map { $0 - $1 }
      #expect(abs(moved[3] - moved[0] / 4) < 1e-6 && abs(moved[0]) > 0.01, "\(kind)")
      #expect(moved[6] == 0, "\(kind)")
    }
  }
}
