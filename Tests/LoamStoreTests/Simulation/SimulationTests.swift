import Foundation
import Testing

/// The protocol of versions as a model, run with random schedules (protocol.md, sections 10 and 11).
///
/// `LOAM_STEPS` and `LOAM_SEED` set how far and from where; tools/torture runs the long form.
@Suite struct SimulationTests {
  /// A world ends after so many steps, so that each run also covers the way to an end.
  static let stepsOfWorld = 6_000
  static let steps = number("LOAM_STEPS") ?? 2_000_000

  private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }

  @Test(arguments: [false, true])
  func everyKeptVersionReadsAsWrittenWhateverIsKilledOrFull(patches: Bool) {
    let first = Self.number("LOAM_SEED").map { UInt64($0) } ?? .random(in: 0..<1 << 40)
    var counts = SimulatedCounts()
    let began = ContinuousClock.now
    var seed = first
    while counts.steps < Self.steps / 2 {
      let result = SimulatedWorld.run(seed: seed, SimulatedRules(patches: patches), steps: Self.stepsOfWorld)
      counts += result.counts
      if let violation = result.violation {
        Issue.record("\(violation); patches: \(patches)")
        return
      }
      seed += 1
    }
    let seconds = (ContinuousClock.now - began) / .seconds(1)
    print(
      "simulation: seed \(first), \(seed - first) worlds, patches \(patches): \(counts); "
        + "\(Int(Double(counts.steps) / seconds)) steps/s")
    #expect(counts.publications > 0 && counts.reads > 0 && counts.kills > 0)
  }

  /// From fixed seeds, so that the rare ones are met each time.
  @Test(arguments: MissingRule.allCases)
  func leavingOutOneRuleIsCaught(missing: MissingRule) {
    let worldsMax: UInt64 = 600
    for seed in 1...worldsMax {
      let result = SimulatedWorld.run(seed: seed, SimulatedRules(missing: missing), steps: Self.stepsOfWorld)
      if result.violation != nil { return }
    }
    Issue.record("\(missing) was not caught in \(worldsMax) worlds")
  }
}
