import Foundation
import LMDB
import LoamSchema
import Synchronization
import Testing

@testable import LoamStore

@Suite struct RecoveryTests {
  let scratch = StorePath()

  // A full disk kept the mark and the cleaning from being written; the owner lives, so the table stayed leased to it.
  @Test func aTableIsFreeAgainAfterAnAbandonThatCouldNotBeWritten() async throws {
    do {
      let board = try scratch.create()
      try board.fill("a", with: 1)
      board.store.close()
    }
    await #expect(processExitsWith: .success) { [path = scratch.path as String] in
      signal(SIGXFSZ, SIG_IGN)
      let board = Board(store: try Store.open(at: path, for: .write))
      let write = try board.begin("a")
      try board.put(board.all("a", 2), write)
      var limit = rlimit(rlim_cur: 4_096, rlim_max: rlim_t.max)
      precondition(setrlimit(__rlimit_resource_t(1), &limit) == 0)
      write.abandon()
      limit.rlim_cur = rlim_t.max
      precondition(setrlimit(__rlimit_resource_t(1), &limit) == 0)
      try board.fill("a", with: 3)
      let content = try Board.content(board.store.snapshot())
      precondition(Set(content.values) == [3])
    }
  }

  @Test func afterAnUnknownOutcomeNothingIsUndoneBeforeANewOpening() throws {
    do {
      let board = try scratch.create()
      var write: Write? = try board.begin("a")
      try board.put(board.all("a", 1), write!)
      board.store.failed.withLock { $0 = true }
      write = nil
      _ = write
      let entries = try board.store.catalog.read { t throws(LMDBError) in try t.entries(of: board.store.catalog.writes)
      }
      #expect(entries.map(\.value.abandoned) == [false])
      let error = #expect(throws: StoreError.self) { _ = try board.begin("b") }
      #expect(error?.reason == .unknownOutcome)
    }
    let board = try scratch.open()
    _ = try board.store.collect()
    try board.check(quiet: true)
    #expect(try board.store.statistics().writers.isEmpty)
  }

  @Test func onlyAHoldOfThisProcessIsEndedAsOne() throws {
    let board = try scratch.create()
    let write = try board.begin("a")
    try board.put(board.all("a", 1), write)
    let error = #expect(throws: StoreError.self) { try board.store.endHold(write.stamp) }
    #expect(error?.reason == .notAllowed)
    try board.publish(board.all("a", 1), write)
    #expect(Set(try Board.content(board.store.snapshot()).values) == [1])
    try board.store.endHold(try board.store.hold([try board.store.snapshot().record.version]))
    try board.check()
  }

  @Test func anOldCopyOfTheCatalogIsRefused() throws {
    let old = scratch.path + "-old"
    defer { try? FileManager.default.removeItem(atPath: old) }
    do {
      let board = try scratch.create()
      board.store.close()
    }
    try FileManager.default.copyItem(atPath: scratch.path + "/catalog", toPath: old)
    do {
      let board = try scratch.open()
      try board.fill("a", with: 1)
      board.store.close()
    }
    try FileManager.default.removeItem(atPath: scratch.path + "/catalog")
    try FileManager.default.copyItem(atPath: old, toPath: scratch.path + "/catalog")
    for access in [Store.Access.read, .write] {
      let error = #expect(throws: StoreError.self) { _ = try Store.open(at: scratch.path, for: access) }
      #expect(error?.reason == .oldCopy)
    }
  }

  @Test func sizesOfMapsThatCannotBeAreRefused() throws {
    do {
      let board = try scratch.create()
      board.store.close()
    }
    let file = scratch.path + "/loam.json"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    for size in ["0", "-1", "9223372036854775807"] {
      try text.replacingOccurrences(of: "\"catalog_map_bytes\" : 16777216", with: "\"catalog_map_bytes\" : \(size)")
        .write(toFile: file, atomically: true, encoding: .utf8)
      let error = #expect(throws: StoreError.self) { _ = try Store.open(at: scratch.path, for: .write) }
      #expect(error?.reason == .badCatalog, "\(size)")
    }
  }

  @Test func aRevertThatIsOvertakenFindsWhatDiffersAnew() throws {
    let board = try scratch.create()
    let first = try board.fill("a", with: 1)
    try board.fill("a", with: 2)
    // A version is published between the look at latest and the lease.
    let once = Once()
    let reverted = try FailurePoint.$interruption.withValue({ point in
      guard point == "revert.looked", once.take() else { return }
      FailurePoint.$interruption.withValue(nil) { _ = try? board.fill("a", with: 5) }
    }) { try board.store.revert(to: .number(first.version)) }
    #expect(reverted.root == first.root)
    #expect(try Board.content(board.store.snapshot()) == board.all("a", 1))
    try board.check()
  }

  @Test func namesThatCannotBeAreUnknownNotAFailure() throws {
    let board = try scratch.create()
    for name in ["", String(repeating: "x", count: 600)] {
      let error = #expect(throws: StoreError.self) { _ = try board.store.snapshot(at: .name(name)) }
      #expect(error?.reason == .unknownName)
      #expect(throws: StoreError.self) { try board.store.untag(name) }
    }
  }

  @Test func aTimelineKeepsItsFieldsInOrder() throws {
    let board = try scratch.create()
    func begin(_ fields: [TimelineFieldSpec]) throws { _ = try board.store.begin([.timeline("t", fields: fields)]) }
    let fields = [TimelineFieldSpec("item", .id), TimelineFieldSpec("price", .real)]
    try begin(fields)
    try begin(fields + [TimelineFieldSpec("more", .id)])
    for wrong in [[fields[0]], [fields[1], fields[0]], [TimelineFieldSpec("item", .real), fields[1]]] {
      let error = #expect(throws: StoreError.self) { try begin(wrong) }
      #expect(error?.reason == .mismatch)
    }
  }

  @Test func columnsOfImpossibleShapeAreRefusedAtBegin() throws {
    let board = try scratch.create()
    for (width, pages) in [(0, 4), (-1, 4), (Int.max, 4), (1, 0), (1, Int.max)] {
      let spec = TableSpec(
        TableName(.embedding, "m/t"), columns: [ColumnSpec("v", .f32, width: width, blockPages: pages)])
      let error = #expect(throws: StoreError.self) { _ = try board.store.begin([spec]) }
      #expect(error?.reason == .notAllowed)
    }
  }
}

/// True once.
private final class Once: Sendable {
  private let taken = Mutex(false)
  func take() -> Bool {
    taken.withLock { taken in
      defer { taken = true }
      return !taken
    }
  }
}
