import LoamQuery
import LoamStore
import Testing

@testable import LoamTraining

@Suite("Repeated runs") struct RepeatedRunsTests {
  private enum Interruption { case stop, kill }

  /// Runs until the given step of this process and returns the store that is left: what a stop published, or what the
  /// files held when a kill came.
  private static func interrupt(
    _ planted: PlantedStore, _ config: ModelConfig, threads: Int, at step: Int, by how: Interruption
  ) throws -> PlantedStore {
    var (steps, left): (Int, PlantedStore?) = (0, nil)
    _ = try planted.trainer(config, threads: threads).run(stopping: {
      steps += 1
      guard steps == step else { return false }
      if how == .kill { left = try? planted.copy() }
      return true
    })
    if let left { return left }
    try planted.reopen()
    return planted
  }

  @Test func `Ten runs of 1 or 2 threads, killed and stopped at random steps, end in one root`() throws {
    let logs = try PlantedStore()
    try logs.ingest("train", rows: 800, seed: 1)
    try logs.ingest("valid", rows: 100, seed: 2)
    let config = try logs.config("gradient_clip: 0.5\ncheckpoint: {every_steps: 5}")
    let undisturbed = try logs.copy()
    _ = try undisturbed.trainer(config, threads: 1).run()
    let expected = try undisturbed.roots()
    #expect(expected.count == 3)

    let seed: UInt64 = 4
    var random = SeededGenerator(seed: seed)
    for run in 1..<10 {
      var (planted, course) = (try logs.copy(), "seed \(seed), run \(run):")
      for _ in 0..<random.below(3) {
        let (threads, step) = (1 + random.below(2), 1 + random.below(12))
        let how: Interruption = random.below(2) == 0 ? .stop : .kill
        course += " \(threads) threads, \(how) at \(step);"
        planted = try Self.interrupt(planted, config, threads: threads, at: step, by: how)
      }
      let threads = 1 + random.below(2)
      _ = try planted.trainer(config, threads: threads).run()
      #expect(try planted.roots() == expected, "\(course) \(threads) threads")
    }
  }
}
