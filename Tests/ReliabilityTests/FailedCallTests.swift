import Foundation
import LoamSchema
import LoamStore
import Testing

/// The Nth call that changes a file fails, for every N until the work passes without meeting it.
@Suite(.serialized) struct FailedCallTests {
  enum Failure: String, CaseIterable, CustomTestStringConvertible {
    case ioOnce = "error:5", interrupted = "error:4", fullFromThenOn = "sticky:28", brokenFromThenOn = "sticky:5"
    case shortWrite = "short:28", kill
    var testDescription: String { rawValue }
  }

  private static let callsMax = 200

  /// A store whose map is half full, so that opening it for writing changes `loam.json` first.
  private func makeStore(_ path: String) throws -> StoreCheck {
    let store = try Store.create(at: path, options: StoreOptions(shards: 2, shardMapBytes: 1 << 20))
    let spec = TableSpec(TableName(.model, "ctr"))
    let write = try store.begin([spec])
    let blobs = try BlobWriter(write, spec)
    blobs.set("large", (0..<620_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) })
    try blobs.flush()
    let record = try write.publish()
    store.close()
    return StoreCheck(path: path, roots: [record.version: record.root.description], acknowledged: record.version)
  }

  @Test(arguments: Failure.allCases) func nothingAcknowledgedIsLostWhicheverCallFails(failure: Failure) throws {
    let place = try Place()
    var original = try makeStore(place("original"))
    original.acknowledged = 2
    var (passed, runs, refused) = (false, 0, 0)
    while !passed && runs < Self.callsMax {
      runs += 1
      let path = place("run/s.loam")
      try? FileManager.default.removeItem(atPath: place("run"))
      try FileManager.default.createDirectory(atPath: place("run"), withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: original.path, toPath: path)
      let words = failure.rawValue.split(separator: ":")
      let how = "\(runs):\(words[0])" + (words.count > 1 ? ":\(words[1])" : "")
      let what = "call \(runs), \(failure)"
      let outcome = try WorkloadProgram.run("grow", path, "2", "1", "7", calls: .init(root: place("run"), fail: how))
      var check = StoreCheck(path: path, roots: original.roots, acknowledged: original.acknowledged)
      check.add(outcome)
      if failure == .kill {
        passed = !outcome.wasKilled
      } else {
        #expect(!outcome.wasKilled && [0, 1, 5].contains(outcome.status), "\(what): \(outcome.errors)")
        // The end of the series: so many calls were not made, and the shim says so by not having failed one.
        passed = outcome.status == 0 && !outcome.errors.contains("failed a call")
      }
      if outcome.status != 0 { refused += 1 }
      try check.requireSound(what)
      try check.requireWritable(what)
    }
    let what = failure == .kill ? "processes killed" : "calls failed"
    print("failed calls: \(failure), \(runs - 1) \(what), \(refused) of them with an error")
    #expect(passed && runs > 10, "\(runs) runs")
    #expect(refused > 5 || failure == .interrupted)
  }

  /// Killed before any call of its making, a store is absent or whole, and the next one can be made.
  @Test func aStoreThatIsKilledWhileItIsMadeIsAbsentOrWhole() throws {
    let place = try Place()
    var (killed, absent) = (0, 0)
    for call in 1...Self.callsMax {
      let path = place("\(call).loam")
      let outcome = try WorkloadProgram.run("create", path, calls: .init(root: place.path, fail: "\(call):kill"))
      guard outcome.wasKilled else {
        #expect(outcome.status == 0)
        break
      }
      killed += 1
      if FileManager.default.fileExists(atPath: path) {
        try StoreCheck(path: path).requireSound("call \(call)")
      } else {
        absent += 1
        try Store.create(at: path).close()
      }
      try StoreCheck(path: path).requireWritable("call \(call)")
    }
    print("creation: \(killed) processes killed, \(absent) left no store")
    #expect(killed > 20 && absent > 10 && absent <= killed)
  }

  @Test func ofManyProcessesThatMakeOneStoreExactlyOneDoes() throws {
    let place = try Place()
    for round in 0..<setting("LOAM_ROUNDS", 8) {
      let path = place("\(round).loam")
      let running = try (0..<5).map { _ in try WorkloadProgram.start("create", path) }
      let outcomes = running.map { $0.finish() }
      #expect(outcomes.filter { $0.status == 0 }.count == 1, "\(outcomes.map(\.errors))")
      for outcome in outcomes where outcome.status != 0 {
        #expect(outcome.status == 2 && outcome.errors.contains("[store.exists]"), "\(outcome.errors)")
      }
      try StoreCheck(path: path).requireSound()
      #expect(try FileManager.default.contentsOfDirectory(atPath: place.path).sorted().count == round + 1)
    }
  }
}
