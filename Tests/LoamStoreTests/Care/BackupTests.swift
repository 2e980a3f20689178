import Foundation
import LMDB
import LoamSchema
import Synchronization
import Testing

@testable import LoamStore

/// Interleaving 20 of protocol.md, section 11, and what else a backup promises.
@Suite struct BackupTests {
  let scratch = StorePath()
  let copies: Copies

  init() throws { copies = try Copies() }

  @Test("20: a backup made while others write is whole when restored, and can be written on")
  func backupWhileWriting() throws {
    let board = try scratch.create()
    try board.store.setRetention(RetentionPolicy(keepLast: 2))
    for value in 1...3 { try board.fill("a", with: UInt64(value)) }
    let held = try board.store.versions().map(\.version)
    // Used by this thread alone: the interruption runs in it.
    nonisolated(unsafe) let open = try board.begin("b")
    let next = Mutex<UInt64>(10)
    let manifest = try FailurePoint.$interruption.withValue({ point in
      guard point == "backup.held" || point == "backup.file-copied" else { return }
      FailurePoint.$interruption.withValue(nil) {
        // Versions come and go, and a write that is not published puts, at every step of the copy.
        for _ in 0..<3 {
          _ = try? board.fill(
            "a",
            with: next.withLock {
              $0 += 1; return $0
            })
        }
        try? board.put(board.all("b", 99), open)
        _ = try? board.store.collect()
      }
    }) { try board.store.backup(to: copies.backup) }
    #expect(manifest.versions == held)

    let report = try Store.restore(copies.backup, to: copies.restored)
    #expect(report.versions == held && report.latest == held.last)
    #expect(report.blocksRemoved > 0)
    let restored = try copies.openRestored()
    #expect(try Board.content(restored.store.snapshot()) == restored.all("a", 3))
    #expect(Set(try Board.content(restored.store.snapshot(at: .number(held[held.count - 2]))).values) == [2])
    try restored.check()

    // Stamps are given again now: blocks from the future would show under them.
    let cell = Board.Cell(table: "a", shard: 0, number: 0)
    var expected = restored.all("a", 3)
    for value in 4...12 {
      try restored.publish([cell: UInt64(value)], try restored.begin("a"))
      expected[cell] = UInt64(value)
      #expect(try Board.content(restored.store.snapshot()) == expected)
    }
    try restored.fill("b", with: 5)
    _ = try restored.store.collect()
    try restored.check(quiet: true)
    #expect(
      try restored.store.catalog.read { t throws(LMDBError) in try t.entries(of: restored.store.catalog.leases).count }
        == 0)
    restored.store.close()
    try board.check()
  }

  @Test("20: without the walk, blocks from the future would be there")
  func theWalkIsNeeded() throws {
    let board = try scratch.create()
    try board.fill("a", with: 1)
    try FailurePoint.$interruption.withValue({ point in
      guard point == "backup.file-copied" else { return }
      FailurePoint.$interruption.withValue(nil) { _ = try? board.fill("a", with: 7) }
    }) { _ = try board.store.backup(to: copies.backup) }
    let manifest = try BackupManifest(at: copies.backup)
    let shard = try Shard(
      path: copies.backup + "/shard-001", number: 1, mapBytes: 1 << 26, readOnly: true, create: false)
    let latest = try board.store.snapshot(at: .number(try #require(manifest.versions.last))).record
    let newer = try shard.environment.read { t throws(LMDBError) in
      let head = BlockKey(BlockAddress(table: 1, column: 0, block: 0), 0)
      return try t.blocks(from: head, above: latest.tables["model:a"]!.stamp, below: .max, shard).found.count
    }
    shard.environment.close()
    #expect(newer > 0)
    #expect(try Store.restore(copies.backup, to: copies.restored).blocksRemoved >= newer)
  }

  @Test("20: one shard of a backup, or of what was restored from it, put back alone is refused")
  func oneShardPutBack() throws {
    let board = try scratch.create()
    try board.fill("a", with: 1)
    try board.store.backup(to: copies.backup)
    try Store.restore(copies.backup, to: copies.restored)
    board.store.close()
    let shard = scratch.path + "/shard-000/data.mdb"
    for source in [copies.backup, copies.restored] {
      try FileManager.default.removeItem(atPath: shard)
      try FileManager.default.copyItem(atPath: source + "/shard-000/data.mdb", toPath: shard)
      let error = #expect(throws: StoreError.self) { _ = try scratch.open() }
      #expect(error?.reason == .oldCopy)
    }
  }

  @Test func namesAreThoseOfTheInstantThatTheBackupShows() throws {
    let board = try scratch.create()
    let first = try board.fill("a", with: 1)
    let second = try board.fill("a", with: 2)
    try board.store.tag(.number(first.version), as: "best")
    try board.store.setAlias("serving", to: .number(second.version))
    try FailurePoint.$interruption.withValue({ point in
      guard point == "backup.held" else { return }
      FailurePoint.$interruption.withValue(nil) {
        _ = try? board.fill("a", with: 3, PublishOptions(tags: ["late"], aliases: ["serving"]))
      }
    }) { _ = try board.store.backup(to: copies.backup) }
    let report = try Store.restore(copies.backup, to: copies.restored)
    let store = try Store.open(at: copies.restored, for: .read)
    #expect(try store.tags() == ["best": first.version])
    #expect(try store.aliases() == ["serving": second.version])
    #expect(store.identity.storeID == report.storeID && report.storeID != board.store.identity.storeID)
    store.close()
  }

  @Test func aBackupEndsItsHoldAndLeavesNothingBeside() throws {
    let board = try scratch.create()
    try board.store.setRetention(RetentionPolicy(keepLast: 2))
    for value in 1...3 { try board.fill("a", with: UInt64(value)) }
    let manifest = try board.store.backup(to: copies.backup)
    #expect(try copies.names() == ["backup"])
    #expect(manifest.blocks > 0 && manifest.bytes > 0)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: copies.backup).sorted()
        == ["backup.json", "catalog", "shard-000", "shard-001"])
    for value in 4...6 { try board.fill("a", with: UInt64(value)) }
    _ = try board.store.collect()
    try board.check(quiet: true)
  }

  @Test func whatIsThereIsNotReplaced() throws {
    let board = try scratch.create()
    try board.store.backup(to: copies.backup)
    #expect(throws: StoreError.self) { try board.store.backup(to: copies.backup) }
    try Store.restore(copies.backup, to: copies.restored)
    let error = #expect(throws: StoreError.self) { try Store.restore(copies.backup, to: copies.restored) }
    #expect(error?.reason == .exists)
  }

  @Test func aBackupIsNoStoreAndAStoreNoBackup() throws {
    let board = try scratch.create()
    try board.store.backup(to: copies.backup)
    let asStore = #expect(throws: StoreError.self) { _ = try Store.open(at: copies.backup, for: .write) }
    #expect(asStore?.reason == .notAStore)
    let asBackup = #expect(throws: StoreError.self) { try Store.restore(scratch.path, to: copies.restored) }
    #expect(asBackup?.reason == .notAStore)
  }

  @Test func aBackupWhoseBytesChangedIsRefusedAndNothingIsLeft() throws {
    let board = try scratch.create()
    try board.fill("a", with: 1)
    try board.store.backup(to: copies.backup)
    let file = copies.backup + "/shard-001/data.mdb"
    let size = try #require(Disk.size(file))
    try damage(file, at: size / 2, with: [0xFF, 0, 0xFF, 0])
    let flipped = #expect(throws: StoreError.self) { try Store.restore(copies.backup, to: copies.restored) }
    #expect(flipped?.reason == .badChecksum)
    truncate(file, off_t(size - 4_096))
    let short = #expect(throws: StoreError.self) { try Store.restore(copies.backup, to: copies.restored) }
    #expect(short?.reason == .badChecksum)
    #expect(try copies.names() == ["backup"])
  }

  @Test func aStoreWithADamagedBlockGivesNoBackup() throws {
    do {
      let board = try scratch.create()
      try board.fill("a", with: 0x5A5A_1234)
      board.store.close()
    }
    let file = scratch.path + "/shard-000/data.mdb"
    let value: [UInt8] = [0x34, 0x12, 0x5A, 0x5A, 0, 0, 0, 0]
    try damage(file, at: try offset(of: value + value, in: file), with: [0x35])
    let board = try scratch.open()
    let error = #expect(throws: StoreError.self) { try board.store.backup(to: copies.backup) }
    #expect(error?.reason == .badChecksum)
    #expect(try copies.names() == [])
  }

  @Test func aBackupThatIsKilledHoldsNothingAndLeavesNoDirectoryOfItsName() async throws {
    do {
      let board = try scratch.create()
      try board.fill("a", with: 1)
      board.store.close()
    }
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [path = scratch.path as String, backup = copies.backup as String] in
      setenv("LOAM_FAILURE_POINT", "backup.file-copied:2", 1)
      try Store.open(at: path, for: .write).backup(to: backup)
    }
    #expect(!FileManager.default.fileExists(atPath: copies.backup))
    let board = try scratch.open()
    #expect(
      try board.store.catalog.read { t throws(LMDBError) in try t.entries(of: board.store.catalog.writes).count } == 0)
    try board.store.backup(to: copies.backup)
  }
}
