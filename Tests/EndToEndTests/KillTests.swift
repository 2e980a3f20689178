import Foundation
import LoamStore
import Testing

/// Ingest and training killed at random moments: nothing acknowledged is lost, and the resumed work ends in the roots of
/// the undisturbed run. Roots of tables, so that the cutting into batches does not matter.
@Suite(.serialized) struct KillTests {
  static let rows = 4_000
  let folder: Folder

  init() throws {
    folder = try Folder()
    let made = try CommandLineProgram.run(
      "generate", "ads", "--rows", "\(Self.rows)", "--seed", "11", "--output", folder("data"))
    #expect(made.status == 0, "\(made.errors)")
    try folder.write(Self.config, to: "model.yaml")
  }

  static let config = """
    model: deepfm
    name: ctr
    label: click
    train: train
    validation: valid
    fields: {dimension: 4}
    network: {hidden: [16, 8]}
    optimizer: {tables: {kind: adam, rate: 0.01}, dense: {kind: adam, rate: 0.001}}
    batch_size: 256
    epochs: 3
    seed: 5
    checkpoint: {every_steps: 4}
    """

  private func makeStore(_ name: String) throws -> String {
    let store = folder(name)
    let made = try CommandLineProgram.run("init", store, "--schema", folder("data") + "/schema.yaml")
    #expect(made.status == 0, "\(made.errors)")
    return store
  }

  private func ingest(_ store: String, _ part: String, batchRows: Int) -> [String] {
    ["ingest", store, folder("data") + "/\(part).csv", "--log", part, "--batch-rows", "\(batchRows)"]
  }

  private func train(_ store: String) -> [String] { ["train", store, "--config", folder("model.yaml")] }

  /// Table roots of the latest version, once the store has been verified whole.
  private func roots(_ path: String, notOlderThan version: inout UInt64) throws -> [String: String] {
    let store = try Store.open(at: path, for: .read)
    defer { store.close() }
    let report = try store.verify()
    #expect(report.problems == [])
    let record = try #require(try store.versions().last)
    #expect(record.version >= version, "the acknowledged version \(version) is lost")
    version = record.version
    return record.tables.mapValues { $0.root.description }
  }

  /// The highest version that the program said it had published.
  private func acknowledged(_ outcome: CommandLineProgram.Outcome) -> UInt64 {
    let text = outcome.errors + outcome.output
    return text.matches(of: /version (\d+)/).compactMap { UInt64($0.1) }.max() ?? 0
  }

  /// Runs the command, killed at random moments, until it has ended by itself.
  private func disturb(_ arguments: [String], _ store: String, undisturbedSeconds: Double, kills: Int, seed: UInt64)
    throws
  {
    var random = Seeded(seed)
    var version: UInt64 = 0
    var killed = 0
    while true {
      // Moments over the whole run, and enough of them late, when there is something to lose.
      let moment = killed < kills ? Double.random(in: 0.02...1.0, using: &random) * undisturbedSeconds : nil
      let outcome = try CommandLineProgram.run(arguments, killAfterSeconds: moment)
      version = max(version, acknowledged(outcome))
      _ = try roots(store, notOlderThan: &version)
      if !outcome.wasKilled {
        #expect(outcome.status == 0, "seed \(seed), after \(killed) kills: \(outcome.errors)")
        return
      }
      killed += 1
    }
  }

  @Test(arguments: [UInt64.random(in: 1...1 << 32)])
  func workKilledAtRandomMomentsEndsInTheRootsOfTheUndisturbedRun(seed: UInt64) throws {
    print("seed \(seed)")
    let quiet = try makeStore("quiet.loam")
    var seconds: [Double] = []
    for arguments in [
      ingest(quiet, "train", batchRows: 1 << 18), ingest(quiet, "valid", batchRows: 1 << 18), train(quiet),
    ] {
      let began = Date()
      let outcome = try CommandLineProgram.run(arguments)
      seconds.append(Date().timeIntervalSince(began))
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    var last: UInt64 = 0
    let expected = try roots(quiet, notOlderThan: &last)

    let store = try makeStore("killed.loam")
    try disturb(
      ingest(store, "train", batchRows: 300), store, undisturbedSeconds: 2 * seconds[0], kills: 15, seed: seed)
    try disturb(ingest(store, "valid", batchRows: 100), store, undisturbedSeconds: seconds[1], kills: 2, seed: seed + 1)
    try disturb(train(store), store, undisturbedSeconds: seconds[2], kills: 15, seed: seed + 2)
    var version: UInt64 = 0
    #expect(try roots(store, notOlderThan: &version) == expected, "seed \(seed)")
  }

  @Test func aRunGoesOnFromAnOlderVersionToTheRootsOfTheRunThatNeverStopped() throws {
    let store = try makeStore("from.loam")
    for arguments in [
      ingest(store, "train", batchRows: 1 << 18), ingest(store, "valid", batchRows: 1 << 18), train(store),
    ] {
      #expect(try CommandLineProgram.run(arguments).status == 0)
    }
    var version: UInt64 = 0
    let expected = try roots(store, notOlderThan: &version)
    let outcome = try CommandLineProgram.run(train(store) + ["--from", "\(version - 9)"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(acknowledged(outcome) > version)
    #expect(try roots(store, notOlderThan: &version) == expected)
  }

  /// Named points of the protocol, each in the middle of an ingest and of a training run.
  @Test func workKilledAtEveryNamedPointGoesOnWhereItWas() throws {
    let points = [
      "begin.committed:1", "put.before-transaction:2", "put.before-commit:2", "put.committed:3",
      "publish.before-transaction:2", "publish.before-commit:2", "publish.committed:2", "snapshot.resolved:2",
      "snapshot.shard-opened:3",
    ]
    let quiet = try makeStore("quiet.loam")
    for arguments in [
      ingest(quiet, "train", batchRows: 1 << 18), ingest(quiet, "valid", batchRows: 1 << 18), train(quiet),
    ] {
      #expect(try CommandLineProgram.run(arguments).status == 0)
    }
    var version: UInt64 = 0
    let expected = try roots(quiet, notOlderThan: &version)
    let store = try makeStore("killed.loam")
    version = 0
    for arguments in [ingest(store, "train", batchRows: 700), ingest(store, "valid", batchRows: 700), train(store)] {
      for point in points {
        let outcome = try CommandLineProgram.run(arguments, environment: ["LOAM_FAILURE_POINT": point])
        version = max(version, acknowledged(outcome))
        _ = try roots(store, notOlderThan: &version)
      }
      #expect(try CommandLineProgram.run(arguments).status == 0)
    }
    #expect(try roots(store, notOlderThan: &version) == expected)
  }
}

/// SplitMix64: a random number generator with a seed to print.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
