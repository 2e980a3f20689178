import Foundation
import LoamStore
import Testing

/// Three processes on one store: one trains, one ingests, one (this) reads.
@Suite(.serialized) struct ManyProcessesTests {
  let folder: Folder
  let store: String

  init() throws {
    folder = try Folder()
    store = folder("ads.loam")
    for arguments in [
      ["generate", "ads", "--rows", "3000", "--seed", "3", "--output", folder("data")],
      ["init", store, "--schema", folder("data") + "/schema.yaml"],
      ["ingest", store, folder("data") + "/train.csv", "--log", "train"],
    ] {
      let outcome = try CommandLineProgram.run(arguments)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    try folder.write(KillTests.config.replacing("validation: valid\n", with: ""), to: "model.yaml")
  }

  @Test func everyReadIsOfOneVersionAndTheLastHasTheWorkOfBothWriters() throws {
    let trainer = try CommandLineProgram.start(["train", store, "--config", folder("model.yaml")])
    let ingester = try CommandLineProgram.start(
      ["ingest", store, folder("data") + "/valid.csv", "--log", "later", "--batch-rows", "50"])
    let reader = try Store.open(at: store, for: .read)
    defer { reader.close() }
    var seen: Set<UInt64> = []
    var reads = 0
    while trainer.process.isRunning || ingester.process.isRunning {
      let snapshot = try reader.snapshot()
      seen.insert(snapshot.record.version)
      for name in snapshot.tables {
        let root = try snapshot.computeRoot(of: name)
        #expect(root == snapshot.record.tables[name.description]?.root, "\(name) in \(snapshot.record.version)")
      }
      reads += 1
    }
    for outcome in [trainer.finish(), ingester.finish()] { #expect(outcome.status == 0, "\(outcome.errors)") }
    #expect(reads > 0 && seen.count > 1, "\(reads) reads saw \(seen.count) versions")
    let last = try reader.snapshot()
    #expect(last.record.tables["log:later"]?.rows == 600)
    #expect(last.record.tables["model:ctr"] != nil)
    #expect(try reader.verify().problems == [])
  }

  @Test func ingestingAValidationLogChangesNoTrainingResult() throws {
    func train(_ name: String) throws -> [String: String] {
      let config = KillTests.config.replacing("validation: valid\n", with: "").replacing(
        "fields: {dimension: 4}", with: "fields: {dimension: 4, minimum_count: 3}")
      try folder.write(config, to: "counted.yaml")
      let outcome = try CommandLineProgram.run(["train", name, "--config", folder("counted.yaml")])
      #expect(outcome.status == 0, "\(outcome.errors)")
      let store = try Store.open(at: name, for: .read)
      defer { store.close() }
      return try store.snapshot().record.tables.filter { $0.key.hasPrefix("embedding:") }.mapValues {
        $0.root.description
      }
    }
    let other = folder("other.loam")
    try FileManager.default.copyItem(atPath: store, toPath: other)
    let ingested = try CommandLineProgram.run("ingest", other, folder("data") + "/valid.csv", "--log", "valid")
    #expect(ingested.status == 0, "\(ingested.errors)")
    #expect(try train(store) == train(other))
  }

  @Test func aSecondTrainerOfTheSameModelIsToldToWait() throws {
    let blocker = try Store.open(at: store, for: .write)
    let write = try blocker.begin([TableSpec(TableName(.model, "ctr"))])
    let outcome = try CommandLineProgram.run(["train", store, "--config", folder("model.yaml")])
    #expect(outcome.status == 4)
    #expect(outcome.errors.contains("store.table-busy"), "\(outcome.errors)")
    write.abandon()
    blocker.close()
  }
}
