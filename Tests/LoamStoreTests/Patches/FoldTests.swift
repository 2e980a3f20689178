import Foundation
import LoamSchema
import Testing

@testable import LoamStore

@Suite struct FoldTests {
  private static let seed = UInt64.random(in: 0..<1 << 40)

  @Test func foldingAnyVersionChangesNothingThatAnyVersionShows() throws {
    let patched = try PatchedStore(shards: 2, seed: Self.seed, keepLast: 40)
    for _ in 0..<12 { try patched.commit(update: 60) }
    let records = try patched.store.versions()
    let open = try patched.store.snapshot()
    for version in [8, 14, 5, 14] as [UInt64] {
      let report = try patched.store.fold(.number(version))
      #expect(report.blocks >= report.chains)
      try patched.expectAll("folded \(version), seed \(Self.seed)")
    }
    #expect(try patched.longestChain() == 0 && patched.longestChain(17) == 0)
    #expect(try patched.store.fold() == FoldReport())
    #expect(try patched.store.versions() == records, "no version comes or goes")
    try PatchedStore.expect(patched.content, open, "a snapshot from before")
    for _ in 0..<4 { try patched.commit(update: 60) }
    #expect(try patched.longestChain() == 4)
    try patched.store.setRetention(RetentionPolicy(keepLast: 2))
    try patched.store.collect()
    try patched.expectAll("collected, seed \(Self.seed)")
    #expect(try patched.store.checkProtocol(quiet: true) == [])
    #expect(try patched.store.verify().problems == [])
  }

  @Test func versionsBeforeABlockWasWrittenWholeKeepItsPatches() throws {
    let patched = try PatchedStore(seed: Self.seed)
    func change(slots: Set<UInt32>) throws {
      let (write, table, before) = try patched.begin(update: 0)
      var content = before
      for id in patched.ids {
        let row = try table.findOrInsert(id)
        if slots.contains(row.slot) { try patched.set(table, row, id, vector: Float(row.slot) + 0.5, &content) }
      }
      try table.flush()
      patched.published(try write.publish(), content)
    }
    // Block 0 is patched with others of its group, then written whole while their chain goes on.
    try change(slots: [3, 40, 60])
    try change(slots: Set(0..<15))
    #expect(try patched.longestChain() == 1)
    let report = try patched.store.fold()
    #expect(report.chains == 1 && report.blocks == 3, "\(report)")
    #expect(try patched.longestChain() == 0)
    try patched.expectAll("folded, seed \(Self.seed)")
    try patched.store.setRetention(RetentionPolicy(keepLast: 2))
    try patched.store.collect()
    try patched.expectAll("collected, seed \(Self.seed)")
    #expect(try patched.store.checkProtocol(quiet: true) == [])
  }

  @Test func writersCollectorsAndASecondFoldMayComeBetween() throws {
    let patched = try PatchedStore(shards: 2, seed: Self.seed, keepLast: 2)
    for _ in 0..<6 { try patched.commit(update: 60) }
    nonisolated(unsafe) let between = patched
    nonisolated(unsafe) var rounds = 0
    let version = try patched.store.snapshot().record.version
    _ = try FailurePoint.$interruption.withValue({ point in
      guard point.hasPrefix("fold.before-transaction") || point == "fold.committed" else { return }
      FailurePoint.$interruption.withValue(nil) {
        rounds += 1
        do {
          try between.commit(update: 40)
          try between.store.collect()
          if rounds == 2 { try between.store.fold(.number(version)) }
        } catch { Issue.record(error) }
      }
    }) {
      try patched.store.fold(.number(version))
    }
    #expect(rounds > 2)
    try patched.expectAll("folded beside a writer, seed \(Self.seed)")
    try patched.store.collect()
    #expect(try patched.store.checkProtocol(quiet: true) == [])
    try patched.expectAll("collected, seed \(Self.seed)")
  }

  @Test func aVersionThatIsBeingFoldedIsNotDropped() throws {
    let patched = try PatchedStore(seed: Self.seed, keepLast: 10)
    for _ in 0..<4 { try patched.commit(update: 60) }
    let store = patched.store
    nonisolated(unsafe) var reason: StoreError.Reason?
    _ = try FailurePoint.$interruption.withValue({ point in
      guard point == "fold.before-transaction" else { return }
      FailurePoint.$interruption.withValue(nil) {
        do throws(StoreError) { _ = try store.dropNewer(than: .number(3)) } catch { reason = error.reason }
      }
    }) {
      try store.fold()
    }
    #expect(reason == .tableBusy)
    try patched.expectAll("folded, seed \(Self.seed)")
  }

  @Test(arguments: [
    "fold.before-transaction:1", "fold.before-commit:1", "fold.committed:1", "fold.before-transaction:2",
    "fold.before-commit:2", "fold.committed:2",
  ])
  func killedWhileFoldingLeavesEveryVersionAsItWas(point: String) async throws {
    let patched = try PatchedStore(shards: 2, seed: Self.seed)
    for _ in 0..<5 { try patched.commit(update: 60) }
    let path = patched.store.path
    patched.store.close()
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, point = point as String] in
      setenv("LOAM_FAILURE_POINT", point, 1)
      let store = try Store.open(at: path, for: .write)
      try store.fold()
    }
    let store = try Store.open(at: path, for: .write)
    defer { store.close() }
    for record in try store.versions() {
      guard let content = patched.versions[record.version] else { continue }
      try PatchedStore.expect(content, try store.snapshot(at: .number(record.version)), "\(point), seed \(Self.seed)")
    }
    #expect(try store.verify().problems == [])
    try store.fold()
    try store.collect()
    #expect(try store.checkProtocol(quiet: true) == [])
  }
}
