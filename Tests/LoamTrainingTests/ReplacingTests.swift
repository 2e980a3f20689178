import LoamQuery
import LoamStore
import Testing

@testable import LoamTraining

@Suite("Replacing a model") struct ReplacingTests {
  static func planted() throws -> PlantedStore {
    let planted = try PlantedStore()
    try planted.ingest("train", rows: 300, seed: 1)
    try planted.ingest("valid", rows: 100, seed: 2)
    return planted
  }

  @Test func `A model trained anew is the model of a new store, whatever was there before`() throws {
    let fresh = try Self.planted()
    let every = ("optimizer.tables", "{kind: adam, rate: 0.02, l2: 0.01, l2_mode: every_row}")
    let config = try fresh.config("", every, ("epochs", "1"), ("fields.exclude", "[user]"))
    _ = try fresh.trainer(config).run()

    let used = try Self.planted()
    let before = try used.trainer(used.config("", ("network", "{hidden: [8, 8]}"), ("epochs", "1"))).run()
    #expect(throws: TrainingError.self) { try used.trainer(config).run() }
    // Stopped on the way: with the same call it goes on, and begins no third time.
    let stopped = try used.trainer(config, replaces: true).run(stopping: { true })
    #expect(stopped.end == .interrupted)
    try used.reopen()
    let report = try used.trainer(config, replaces: true).run()
    #expect(report.end == .epochsDone)
    let (expected, found) = (try fresh.roots(), try used.roots())
    #expect(expected.allSatisfy { found[$0.key] == $0.value })
    // The table that it does not read any more is empty.
    let left = try used.store.snapshot().record.tables["embedding:ctr/user"]
    #expect(left?.rows == 0)
    #expect(try EmbeddingReader(used.store.snapshot(at: .name("ctr-best")), model: "ctr", space: "item") != nil)
    #expect(report.version > before.version)
  }

  @Test func `What is done is trained again on a log that has grown`() throws {
    let planted = try Self.planted()
    let config = try planted.config("", ("epochs", "1"))
    _ = try planted.trainer(config).run()
    try planted.ingest("train", rows: 300, seed: 3)
    #expect(try planted.trainer(config).run().epochs.isEmpty)
    let again = try planted.trainer(config, replaces: true).run()
    #expect(again.epochs.count == 1 && again.epochs[0].step == 10)
  }

  @Test func `Minutes between checkpoints make versions and change no root`() throws {
    let (a, b) = (try Self.planted(), try Self.planted())
    _ = try a.trainer(a.config()).run()
    var checkpoints = 0
    let config = try b.config("checkpoint: {every_minutes: 0.000001}")
    #expect(try ModelConfig(yaml: config.yaml, file: "a", schema: PlantedStore.schema) == config)
    _ = try b.trainer(config).run(progress: { if case .checkpoint = $0 { checkpoints += 1 } })
    #expect(try a.roots().filter { $0.key != "model:ctr" } == b.roots().filter { $0.key != "model:ctr" })
    #expect(checkpoints == 10)
  }
}
