import LoamStore
import Testing

@testable import LoamTraining

/// Runs whose rows and optimizer state are larger than what their changes may take.
@Suite struct MemoryTests {
  private static func root(threads: Int, dirtyBytesMax: Int?) throws -> (Root, fileBytes: Int) {
    let planted = try PlantedStore()
    try planted.ingest("train", rows: 1_200, seed: 1, users: 700)
    try planted.ingest("valid", rows: 100, seed: 2)
    // 16 KiB a vector, and two more of Adam's beside it: some 30 MB, in one version.
    var config = try planted.config("", ("fields.dimension", "4096"), ("epochs", "1"))
    config.dirtyBytesMax = dirtyBytesMax
    let trainer = Trainer(store: planted.store, schema: PlantedStore.schema, config: config, threads: threads)
    _ = try trainer.run()
    let latest = try planted.store.snapshot()
    let pages = try planted.store.statistics().files.reduce(0) { $0 + $1.fileBytes }
    return (latest.record.root, pages)
  }

  @Test func `A run that puts rows early has the roots of one that keeps them in memory`() throws {
    let (root, bytes) = try Self.root(threads: 1, dirtyBytesMax: nil)
    for threads in [1, 3] {
      let within = try Self.root(threads: threads, dirtyBytesMax: 16 << 20)
      #expect(within.0 == root, "\(threads) threads")
      #expect(within.fileBytes > bytes, "nothing was put early")
    }
  }
}
