import Foundation
import LMDB
import LoamSchema
import Synchronization
import Testing

@testable import LoamStore

/// The interleavings of protocol.md, section 11, by their numbers there.
@Suite struct ProtocolTests {
  let scratch = StorePath()

  @Test func aVersionIsSeenWholeAndOldOnesStay() throws {
    let board = try scratch.create()
    let first = try board.fill("a", with: 1)
    let second = try board.fill("a", with: 2)
    #expect(second.version > first.version && second.parent == first.version)
    #expect(Set(try Board.content(board.store.snapshot(at: .number(first.version))).values) == [1])
    #expect(Set(try Board.content(board.store.snapshot()).values) == [2])
    try board.check()
  }

  @Test("1: a commit between a reader's two shards does not mix versions")
  func readerAcrossACommit() throws {
    let board = try scratch.create()
    try board.fill("a", with: 1)
    let commits = Mutex(3)
    let content = try FailurePoint.$interruption.withValue({ point in
      guard point == "snapshot.shard-opened" else { return }
      let go = commits.withLock { left in
        left -= 1
        return left >= 0
      }
      if go { FailurePoint.$interruption.withValue(nil) { _ = try? board.fill("a", with: UInt64.random(in: 2...9)) } }
    }) { try Board.content(board.store.snapshot()) }
    #expect(Set(content.values).count == 1)
    #expect(content.count == 2 * Int(Board.cells))
  }

  @Test("2: a reader that stopped at a version which was dropped meanwhile is told so, or reads a whole newer one")
  func readerAtADroppedVersion() throws {
    let board = try scratch.create()
    let old = try board.fill("a", with: 1)
    try board.store.setRetention(RetentionPolicy(keepLast: 2))
    func interrupted(_ reference: VersionReference) throws -> Set<UInt64> {
      let done = Mutex(false)
      return try FailurePoint.$interruption.withValue({ point in
        guard point == "snapshot.resolved",
          !done.withLock({ done in
            defer { done = true }; return done
          })
        else { return }
        FailurePoint.$interruption.withValue(nil) {
          for value in 2...5 { _ = try? board.fill("a", with: UInt64(value)) }
          _ = try? board.store.collect()
        }
      }) { Set(try Board.content(board.store.snapshot(at: reference)).values) }
    }
    let error = #expect(throws: StoreError.self) { try interrupted(.number(old.version)) }
    #expect(error?.reason == .versionDropped)
    #expect(try interrupted(.latest) == [5])
    try board.check(quiet: true)
  }

  @Test("3, 16: an unpublished write takes nothing from a kept version, and abandoned it leaves nothing")
  func unpublishedWrites() throws {
    let board = try scratch.create()
    try board.store.setRetention(RetentionPolicy(keepLast: 2))
    for value in 1...3 { try board.fill("a", with: UInt64(value)) }
    var write: Write? = try board.begin("a")
    try board.put(board.all("a", 9), write!)
    try board.fill("b", with: 1)
    _ = try board.store.collect()
    try board.check()
    write = nil
    _ = write
    #expect(Set(try Board.content(board.store.snapshot()).filter { $0.key.table == "a" }.values) == [3])
    _ = try board.store.collect()
    try board.check(quiet: true)
  }

  @Test("4: a tag is refused on a version that is gone, and keeps one that is there")
  func tags() throws {
    let board = try scratch.create()
    try board.store.setRetention(RetentionPolicy(keepLast: 2))
    let first = try board.fill("a", with: 1)
    let second = try board.fill("a", with: 2)
    try board.store.tag(.number(second.version), as: "kept")
    for value in 3...8 { try board.fill("a", with: UInt64(value)) }
    let error = #expect(throws: StoreError.self) { try board.store.tag(.number(first.version), as: "gone") }
    #expect(error?.reason == .unknownVersion)
    #expect(Set(try Board.content(board.store.snapshot(at: .name("kept"))).values) == [2])
    _ = try board.store.collect()
    try board.check(quiet: true)
  }

  @Test("5, 6, 7: what a killed writer put is invisible to all, and gone when its table is written again")
  func killedWriter() async throws {
    do {
      let board = try scratch.create()
      try board.fill("a", with: 1)
      try board.fill("b", with: 1)
      board.store.close()
    }
    for point in ["put.committed:3", "put.before-commit:2", "publish.before-commit:1", "begin.committed:1"] {
      await #expect(processExitsWith: .signal(SIGKILL)) { [path = scratch.path as String, point = point as String] in
        setenv("LOAM_FAILURE_POINT", point, 1)
        let board = Board(store: try Store.open(at: path, for: .write))
        try board.fill("a", with: 7)
      }
      let board = try scratch.open()
      #expect(Set(try Board.content(board.store.snapshot()).values) == [1])
      try board.check()
      try board.fill("a", with: 1)
      _ = try board.store.collect()
      try board.check(quiet: true)
      board.store.close()
    }
  }

  @Test("5: opening for writing leaves a living writer's blocks alone")
  func livingWriter() async throws {
    let board = try scratch.create()
    try board.fill("a", with: 1)
    let write = try board.begin("a")
    try board.put(board.all("a", 2), write)
    await #expect(processExitsWith: .success) { [path = scratch.path as String] in
      let other = Board(store: try Store.open(at: path, for: .write))
      try other.fill("b", with: 5)
      do {
        _ = try other.begin("a")
        preconditionFailure("the lease was given twice")
      } catch let error as StoreError {
        precondition(error.reason == .tableBusy)
      }
    }
    try board.publish(board.all("a", 2), write)
    let content = try Board.content(board.store.snapshot())
    #expect(Set(content.filter { $0.key.table == "a" }.values) == [2])
    #expect(Set(content.filter { $0.key.table == "b" }.values) == [5])
    try board.check()
  }

  @Test("8: rows of a put that failed are forgotten with the write")
  func failedPut() throws {
    let board = try scratch.create()
    try board.fill("a", with: 1)
    let write = try board.begin("a")
    try board.put([Board.Cell(table: "a", shard: 0, number: 3): 66], write)
    write.abandon()
    try board.fill("a", with: 2)
    #expect(Set(try Board.content(board.store.snapshot()).values) == [2])
    _ = try board.store.collect()
    try board.check(quiet: true)
  }

  @Test("9: killed right after the commit point, the version is there")
  func killedAfterPublish() async throws {
    do {
      let board = try scratch.create()
      board.store.close()
    }
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = scratch.path as String] in
      setenv("LOAM_FAILURE_POINT", "publish.committed:1", 1)
      try Board(store: try Store.open(at: path, for: .write)).fill("a", with: 4)
    }
    let board = try scratch.open()
    #expect(Set(try Board.content(board.store.snapshot()).values) == [4])
    _ = try board.store.collect()
    try board.check(quiet: true)
  }

  @Test("10, 11: after dropping newer versions nothing of them seeps into later ones, and no number comes back")
  func dropNewer() throws {
    let board = try scratch.create()
    let kept = try board.fill("a", with: 1)
    try board.fill("a", with: 2)
    let dropped = try board.fill("b", with: 2)
    _ = try board.store.dropNewer(than: .number(kept.version))
    #expect(try Board.content(board.store.snapshot()) == board.all("a", 1))
    try board.check()
    let next = try board.publish([Board.Cell(table: "a", shard: 0, number: 0): 3], try board.begin("a"))
    #expect(next.version > dropped.version)
    var expected = board.all("a", 1)
    expected[Board.Cell(table: "a", shard: 0, number: 0)] = 3
    #expect(try Board.content(board.store.snapshot()) == expected)
    _ = try board.store.collect()
    try board.check(quiet: true)
  }

  @Test("12, 19: cleaning may be killed at every step, and repeated")
  func killedCleaning() async throws {
    do {
      let board = try scratch.create()
      let kept = try board.fill("a", with: 1)
      try board.store.tag(.number(kept.version), as: "kept")
      try board.fill("a", with: 2)
      board.store.close()
    }
    for point in ["drop.committed:1", "clean.before-commit:1", "clean.before-commit:2", "clean.before-catalog:1"] {
      await #expect(processExitsWith: .signal(SIGKILL)) { [path = scratch.path as String, point = point as String] in
        setenv("LOAM_FAILURE_POINT", point, 1)
        let board = Board(store: try Store.open(at: path, for: .write))
        _ = try board.store.dropNewer(than: .name("kept"))
      }
      let board = try scratch.open()
      #expect(try Board.content(board.store.snapshot()) == board.all("a", 1))
      _ = try board.store.collect()
      try board.check(quiet: true)
      try board.fill("a", with: 2)
      board.store.close()
    }
  }

  @Test("12: a second, slow cleaner of a drop does not touch the table's next write")
  func slowCleaner() throws {
    let board = try scratch.create()
    let kept = try board.fill("a", with: 1)
    try board.fill("a", with: 2)
    let stamp = Mutex<Stamp>(0)
    try FailurePoint.$interruption.withValue({ point in
      guard point == "drop.committed" else { return }
      let entries = try? board.store.catalog.read { t throws(LMDBError) in try t.entries(of: board.store.catalog.writes)
      }
      stamp.withLock { $0 = entries?.first?.key ?? 0 }
    }) { _ = try board.store.dropNewer(than: .number(kept.version)) }
    let drop = stamp.withLock { $0 }
    #expect(drop > 0)
    // The slow one starts when the table has been given to a new write.
    let write = try board.begin("a")
    try board.put(board.all("a", 3), write)
    try board.store.clean(drop)
    try board.publish(board.all("a", 3), write)
    #expect(Set(try Board.content(board.store.snapshot()).values) == [3])
    try board.check()
  }

  @Test("14: who publishes second contains the first one's tables at their latest")
  func twoWriters() throws {
    let board = try scratch.create()
    let a = try board.begin("a")
    let b = try board.begin("b")
    try board.publish(board.all("b", 2), b)
    let last = try board.publish(board.all("a", 1), a)
    #expect(Set(last.tables.keys) == ["model:a", "model:b"])
    try board.check()
  }

  @Test("15: the base of a long write stays although it left the window")
  func pinnedBase() throws {
    let board = try scratch.create()
    try board.store.setRetention(RetentionPolicy(keepLast: 2))
    try board.fill("b", with: 1)
    let write = try board.begin("a")
    for value in 2...9 { try board.fill("b", with: UInt64(value)) }
    _ = try board.store.collect()
    let seen = try Board.content(board.store.snapshot(at: .number(write.base.record.version)))
    #expect(Set(seen.values) == [1])
    try board.publish(board.all("a", 1), write)
    _ = try board.store.collect()
    try board.check(quiet: true)
  }

  @Test("17: a collector with an old catalog state does no harm")
  func oldCollector() throws {
    let board = try scratch.create()
    try board.store.setRetention(RetentionPolicy(keepLast: 2))
    let kept = try board.fill("a", with: 1)
    for value in 2...4 { try board.fill("a", with: UInt64(value)) }
    let collectors = try board.store.shards.map { shard throws(StoreError) in try Collector(board.store, shard) }
    let low = try board.store.versions().first!.version
    _ = kept
    _ = try board.store.dropNewer(than: .number(low))
    try board.fill("a", with: 8)
    for (shard, collector) in zip(board.store.shards, collectors) {
      _ = try shard.environment.write { t throws(LMDBError) in try collector.collect(t, blocksMax: 1_000) }
    }
    try board.check()
    #expect(Set(try Board.content(board.store.snapshot()).values) == [8])
  }

  @Test func revertMakesTheOldContentANewVersion() throws {
    let board = try scratch.create()
    let first = try board.fill("a", with: 1)
    var values = board.all("a", 2)
    values[Board.Cell(table: "a", shard: 1, number: 2)] = 0
    values[Board.Cell(table: "a", shard: 1, number: 99)] = 5
    try board.publish(values, try board.begin("a"))
    let reverted = try board.store.revert(to: .number(first.version))
    #expect(reverted.root == first.root)
    #expect(try Board.content(board.store.snapshot()) == board.all("a", 1))
    _ = try board.store.collect()
    try board.check(quiet: true)
  }

  @Test func revertBringsBackTheSchemaThatTheRowsAreReadBy() throws {
    let board = try scratch.create()
    try board.store.setSchemaText("first")
    let first = try board.fill("a", with: 1)
    try board.store.setSchemaText("second")
    try board.fill("a", with: 2)
    #expect(try board.store.schemaText() == "second")
    #expect(try board.store.snapshot(at: .number(first.version)).schemaText() == "first")
    _ = try board.store.revert(to: .number(first.version))
    #expect(try board.store.schemaText() == "first")
  }

  @Test func revertEmptiesTablesThatCameLaterAndLeavesThoseNotNamed() throws {
    let board = try scratch.create()
    let first = try board.fill("a", with: 1)
    try board.fill("a", with: 2)
    try board.fill("b", with: 2)
    let some = try board.store.revert(to: .number(first.version), tables: [TableName(.model, "a")])
    #expect(some.tables["model:a"]?.root == first.tables["model:a"]?.root)
    #expect(Set(try Board.content(board.store.snapshot()).filter { $0.key.table == "b" }.values) == [2])
    let whole = try board.store.revert(to: .number(first.version))
    #expect(whole.root == first.root)
    #expect(try Board.content(board.store.snapshot()) == board.all("a", 1))
    try board.fill("b", with: 3)
    try board.check()
    _ = try board.store.collect()
    try board.check(quiet: true)
  }

  @Test func aWriterThatGoesOnPublishesVersionAfterVersionUnderItsLease() throws {
    let board = try scratch.create()
    let write = try board.begin("a")
    var stamps: Set<Stamp> = []
    for value in 1...5 {
      stamps.insert(write.stamp)
      try board.publish(board.all("a", UInt64(value)), write, PublishOptions(goOn: true))
      #expect(throws: StoreError.self) { _ = try board.begin("a") }
    }
    #expect(stamps.count == 5)
    write.abandon()
    _ = try board.begin("a")
    try board.check()
  }

  @Test func aShardThatIsMissingOrOldOrForeignIsRefused() throws {
    do {
      let board = try scratch.create()
      try board.fill("a", with: 1)
      board.store.close()
    }
    let shard = scratch.path + "/shard-001"
    let old = scratch.path + "-old"
    defer { try? FileManager.default.removeItem(atPath: old) }
    try FileManager.default.copyItem(atPath: shard, toPath: old)
    do {
      let board = try scratch.open()
      try board.fill("a", with: 2)
      board.store.close()
    }
    func reason() -> StoreError.Reason? {
      do {
        let store = try Store.open(at: scratch.path, for: .read)
        defer { store.close() }
        _ = try store.snapshot()
        return nil
      } catch { return error.reason }
    }
    #expect(reason() == nil)
    try FileManager.default.removeItem(atPath: shard)
    #expect(reason() == .oldCopy)
    try FileManager.default.copyItem(atPath: old, toPath: shard)
    #expect(reason() == .oldCopy)
    try FileManager.default.removeItem(atPath: shard)
    try FileManager.default.copyItem(atPath: scratch.path + "/shard-000", toPath: shard)
    #expect(reason() == .oldCopy)
  }

  @Test func everyFlippedBitOfABlockIsFound() throws {
    let board = try scratch.create()
    try board.fill("a", with: 1)
    let snapshot = try board.store.snapshot()
    let number = try #require(snapshot.spec(TableName(.model, "a"))).number
    let block = try #require(try snapshot.blocks(table: number, column: Board.column, shard: 0).first)
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: block.value.count, alignment: 64)
    defer { copy.deallocate() }
    // Every bit of the header, and a sample of the content's.
    for bit in Array(0..<BlockHeader.size * 8) + (0..<2_000).map({ _ in Int.random(in: 0..<copy.count * 8) }) {
      copy.copyMemory(from: block.value)
      copy[bit / 8] ^= 1 << (bit % 8)
      let flipped = Block(address: block.address, stamp: block.stamp, value: UnsafeRawBufferPointer(copy))
      #expect(throws: StoreError.self, "bit \(bit)") { try flipped.verify() }
    }
    let elsewhere = Block(
      address: BlockAddress(table: number, column: Board.column, block: 1), stamp: block.stamp, value: block.value)
    #expect(throws: StoreError.self) { try elsewhere.verify() }
  }
}
