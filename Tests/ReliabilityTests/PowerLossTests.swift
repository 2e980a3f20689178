import Foundation
import LoamStore
import Testing

/// The power fails after any call of a recorded run: what was acknowledged is there, and everything is sound.
///
/// `LOAM_SEED`, `LOAM_VERSIONS` (each some eight transactions) and `LOAM_CUTS` (images of partial loss at a moment).
@Suite(.serialized) struct PowerLossTests {
  @Test func aCutAfterAnyCallLosesNothingThatWasAcknowledged() throws {
    let place = try Place()
    let seed = UInt64(setting("LOAM_SEED", Int.random(in: 0..<1 << 40)))
    let root = place("run")
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    let outcome = try WorkloadProgram.run(
      "grow", root + "/s.loam", "2", "\(setting("LOAM_VERSIONS", 25))", "\(seed)",
      calls: .init(root: root, record: place("calls")))
    #expect(outcome.status == 0, "\(outcome.errors)")
    var check = StoreCheck(path: place("image/s.loam"))
    check.add(outcome)
    check.acknowledged = 0

    let calls = try RecordedCall.all(of: place("calls"))
    var random = Seeded(seed)
    var disk = ReplayedDisk()
    var (prefixes, cuts, isCreated) = (0, 0, false)
    for (index, call) in calls.enumerated() {
      disk.play(call)
      if case .mark(let text) = call {
        isCreated = true
        if let version = text.split(separator: " ").first.flatMap({ UInt64($0) }) { check.acknowledged = version }
        continue
      }
      let what = "seed \(seed), call \(index) of \(calls.count): \(call.name)"
      try disk.write(from: root, to: place("image"))
      try requireSound(check, isCreated, what)
      prefixes += 1
      guard disk.hasPending else { continue }
      for cut in 0..<setting("LOAM_CUTS", 1) {
        try disk.writeCut(from: root, to: place("image"), &random)
        try requireSound(check, isCreated, what + ", cut \(cut)")
        if cuts % 16 == 0, isCreated { try check.requireWritable(what) }
        cuts += 1
      }
    }
    print("power loss: seed \(seed), \(calls.count) calls, \(prefixes) prefixes and \(cuts) partial images, all sound")
    #expect(check.acknowledged == outcome.acknowledged.last?.version)
    #expect(prefixes > 200 && cuts > 50, "\(prefixes) prefixes, \(cuts) cuts")
  }

  /// Before its creation is acknowledged the store may be absent, and can be made then.
  private func requireSound(_ check: StoreCheck, _ isCreated: Bool, _ what: String) throws {
    if !isCreated, !FileManager.default.fileExists(atPath: check.path) {
      try Store.create(at: check.path).close()
      return
    }
    try check.requireSound(what)
  }
}

extension RecordedCall {
  fileprivate var name: String {
    switch self {
    case .write(let path, let offset, let bytes, let isBarrier):
      "write of \(bytes.count) at \(offset) of \(path)\(isBarrier ? ", synced" : "")"
    case .sync(let path): "sync of \(path)"
    case .truncate(let path, let length): "truncation of \(path) to \(length)"
    case .rename(let from, let to): "rename of \(from) to \(to)"
    case .unlink(let path): "removal of \(path)"
    case .makeDirectory(let path), .create(let path): "creation of \(path)"
    case .mark(let text): text
    }
  }
}
