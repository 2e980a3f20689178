import LoamQuery
import LoamSchema
import LoamStore
import Testing

@testable import LoamTraining

@Suite("Training table")
struct TrainingTableTests {
  static let definition = TableDefinition(space: "item", dimension: 3, hasWeight: true)

  static func table(_ planted: PlantedStore, _ optimizer: TableOptimizerConfig) throws -> TrainingTable {
    let spec = EmbeddingLayout.spec(definition, model: "m", optimizer: optimizer, deviation: 0.5, seed: 1)
    let write = try planted.store.begin([spec, TableSpec(TableName(.model, "m"))])
    let admission = try Admission(write.base, space: "item", logs: [], minimum: 1)
    return try TrainingTable(definition, spec, optimizer, write: write, admission: admission, decayLog: 0)
  }

  static func fetch(_ table: TrainingTable, _ rows: [RowReference]) throws -> [Float] {
    var vectors = [Float](repeating: 0, count: rows.count * 3)
    var weights = [Float](repeating: 0, count: rows.count)
    try table.fetch(rows, vectors: &vectors, weights: &weights)
    return vectors + weights
  }

  /// The rows by shard; gradients of all of them are alike.
  static func batch(_ rows: [RowReference], occurrences: UInt32) -> FeatureBatch.Rows {
    var batch = FeatureBatch.Rows()
    batch.references = rows.sorted { $0.packed < $1.packed }
    batch.occurrences = rows.map { _ in occurrences }
    batch.starts = (0...(rows.map(\.shard).max() ?? 0) + 1).map { shard in rows.count { $0.shard < shard } }
    return batch
  }

  static func touch(_ table: TrainingTable, _ rows: [RowReference], gradient: Float, _ step: TableStep) throws {
    let batch = Self.batch(rows, occurrences: 2)
    let vectors = [Float](repeating: gradient, count: rows.count * 3)
    let weights = [Float](repeating: gradient, count: rows.count)
    table.beginUpdate(step)
    try vectors.withUnsafeBufferPointer { vectors in
      try weights.withUnsafeBufferPointer { weights in
        for shard in table.scratch.indices {
          let sums = TrainingTable.Gradients(vectors: vectors.baseAddress, weights: weights.baseAddress)
          try table.update(shard: shard, batch, sums, step)
        }
      }
    }
  }

  /// A row is used at some steps; the rate falls on the way.
  static func isUsed(_ t: Int) -> Bool { t % 97 == 3 || t > 990 }
  static func rate(_ t: Int) -> Double { t < 500 ? 0.1 : 0.05 }

  @Test func `SGD's lazy L2 equals a decay at every step over 1,000 steps`() throws {
    let planted = try PlantedStore()
    var optimizer = TableOptimizerConfig(.sgd)
    optimizer.l2 = 0.02
    let table = try Self.table(planted, optimizer)
    let (used, idle) = (try table.admit(1), try table.admit(2))
    var expected = try Self.fetch(table, [used, idle]).map { Double($0) }
    let ofUsed = [0, 1, 2, 6]
    for t in 1...1_000 {
      let step = TableStep(optimizer, number: UInt64(t), rate: Self.rate(t))
      try Self.touch(table, Self.isUsed(t) ? [used] : [], gradient: 0.25, step)
      for index in expected.indices {
        let gradient = Self.isUsed(t) && ofUsed.contains(index) ? 0.25 : 0.0
        expected[index] -= Self.rate(t) * (gradient + 0.02 * expected[index])
      }
    }
    for (found, expected) in zip(try Self.fetch(table, [used, idle]), expected) {
      #expect(abs(Double(found) - expected) < 2e-6 * max(1, abs(expected)))
    }
    withExtendedLifetime(planted) {}
  }

  @Test func `Adam's decoupled decay reaches rows outside the batch, and no further than their last use`() throws {
    let planted = try PlantedStore()
    var optimizer = TableOptimizerConfig(.adam)
    optimizer.decay = 0.1
    let table = try Self.table(planted, optimizer)
    let idle = try table.admit(2)
    let before = try Self.fetch(table, [idle])
    var share = 1.0
    for t in 1...300 {
      try Self.touch(table, [], gradient: 0, TableStep(optimizer, number: UInt64(t), rate: 0.05))
      share *= 1 - 0.05 * 0.1
    }
    for (found, before) in zip(try Self.fetch(table, [idle]), before) {
      #expect(abs(Double(found) - share * Double(before)) < 1e-6)
    }
    // Admitted late: nothing is due for the steps before.
    let late = try table.admit(3)
    let other = try PlantedStore()
    let fresh = try Self.table(other, optimizer)
    #expect(try Self.fetch(table, [late]) == Self.fetch(fresh, [try fresh.admit(3)]))
    withExtendedLifetime((planted, other)) {}
  }

  @Test func `Every-row L2 moves all rows as a dense Adam does`() throws {
    let planted = try PlantedStore()
    var optimizer = TableOptimizerConfig(.adam)
    (optimizer.l2, optimizer.l2Mode) = (0.05, .everyRow)
    let table = try Self.table(planted, optimizer)
    let (used, idle) = (try table.admit(1), try table.admit(2))
    var w = try Self.fetch(table, [used, idle]).map { Double($0) }
    var m = w.map { _ in 0.0 }
    var v = m
    var (beta1, beta2) = (1.0, 1.0)
    for t in 1...1_000 {
      let step = TableStep(optimizer, number: UInt64(t), rate: 0.001)
      try Self.touch(table, Self.isUsed(t) ? [used] : [], gradient: 0.01, step)
      (beta1, beta2) = (beta1 * 0.9, beta2 * 0.999)
      for index in w.indices {
        let g = (Self.isUsed(t) && [0, 1, 2, 6].contains(index) ? 0.01 : 0) + 0.05 * w[index]
        m[index] = 0.9 * m[index] + 0.1 * g
        v[index] = 0.999 * v[index] + 0.001 * g * g
        w[index] -= 0.001 / (1 - beta1) * m[index] / ((v[index] / (1 - beta2)).squareRoot() + 1e-8)
      }
    }
    for (found, expected) in zip(try Self.fetch(table, [used, idle]), w) {
      #expect(abs(Double(found) - expected) < 5e-5)
    }
    withExtendedLifetime(planted) {}
  }

  @Test func `Lazy Adam leaves the moments of rows outside the batch as they are`() throws {
    let planted = try PlantedStore()
    let optimizer = TableOptimizerConfig(.adam)
    let table = try Self.table(planted, optimizer)
    let (a, b) = (try table.admit(1), try table.admit(2))
    try Self.touch(table, [a, b], gradient: 0.5, TableStep(optimizer, number: 1, rate: 0.1))
    let before = try Self.fetch(table, [b])
    try Self.touch(table, [a], gradient: 0.5, TableStep(optimizer, number: 2, rate: 0.1))
    #expect(try Self.fetch(table, [b]) == before)
    let slot = table.layout.vector!.slots[0]
    #expect(abs(try table.writer.row(slot, b).load(as: Float.self) - 0.05) < 1e-7)
    #expect(try table.writer.row(table.layout.lastStep, b).load(as: UInt64.self) == 1)
    #expect(try table.writer.row(table.layout.lastStep, a).load(as: UInt64.self) == 2)
    #expect(try table.writer.row(table.layout.count, a).load(as: UInt64.self) == 4)
    withExtendedLifetime(planted) {}
  }

  @Test func `What a version's reader settles is what training saw, and neighbours are by cosine`() throws {
    let planted = try PlantedStore()
    try planted.ingest("train", rows: 500, seed: 1)
    try planted.ingest("valid", rows: 100, seed: 2)
    let config = try planted.config("", ("optimizer.tables.decay", "0.5"), ("epochs", "1"))
    _ = try planted.trainer(config).run()
    let snapshot = try planted.store.snapshot()
    let items = try EmbeddingReader(snapshot, model: "ctr", space: "item")!
    #expect(items.decayLog < 0)
    let vector = try #require(try items.vector(of: 3))
    #expect(try items.values("vector", [items.row(of: 3)]) == vector)
    let near = try #require(try items.nearest(to: 3, count: 5))
    #expect(near.count == 5 && !near.contains { $0.id == 3 || $0.id > ID.largest })
    #expect(zip(near, near.dropFirst()).allSatisfy { $0.value >= $1.value })
    let other = try #require(try items.vector(of: near[0].id))
    func dot(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    #expect(abs(near[0].value - dot(vector, other) / (dot(vector, vector) * dot(other, other)).squareRoot()) < 1e-5)
    #expect(try items.nearest(to: 12_345, count: 1) == nil)
  }
}
