import Foundation
import LoamSchema
import Testing

@testable import LoamStore

@Suite struct CompactTests {
  let scratch = StorePath()

  private func grown() throws -> [VersionRecord] {
    let board = try scratch.create()
    try board.store.setRetention(RetentionPolicy(keepLast: 40))
    for value in 1...40 { try board.fill("a", with: UInt64(value)) }
    try board.store.setRetention(RetentionPolicy(keepLast: 2))
    let records = try board.store.versions()
    board.store.close()
    return records
  }

  @Test func compactingKeepsEveryVersionAndGivesSpaceBack() throws {
    let before = try grown()
    let report = try Store.compact(at: scratch.path)
    #expect(report.blocksCollected > 0)
    #expect(report.files.map(\.name) == ["catalog", "shard-000", "shard-001"])
    for file in report.files.dropFirst() {
      #expect(file.bytesAfter * 4 < file.bytesBefore, "\(file)")
      #expect(Disk.size("\(scratch.path)/\(file.name)/data.mdb") == file.bytesAfter)
    }
    let board = try scratch.open()
    #expect(try board.store.versions() == before)
    #expect(try Board.content(board.store.snapshot()) == board.all("a", 40))
    try board.check(quiet: true)
    for value in 41...44 { try board.fill("a", with: UInt64(value)) }
    try board.check()
  }

  @Test func aStoreThatAnybodyHasOpenIsNotCompacted() async throws {
    _ = try grown()
    for access in [Store.Access.read, .write] {
      let store = try Store.open(at: scratch.path, for: access)
      await #expect(processExitsWith: .success) { [path = scratch.path as String] in
        do {
          _ = try Store.compact(at: path)
          preconditionFailure("it was compacted under a living process")
        } catch let error as StoreError { precondition(error.reason == .storeBusy, "\(error)") }
      }
      let here = #expect(throws: StoreError.self) { _ = try Store.compact(at: scratch.path) }
      #expect(here?.reason == .storeBusy)
      store.close()
    }
  }

  @Test func nobodyOpensAStoreThatIsBeingCompacted() throws {
    _ = try grown()
    var closed: ClosedStore? = try ClosedStore(StoreLayout(root: scratch.path), shards: 2)
    for access in [Store.Access.read, .write] {
      let error = #expect(throws: StoreError.self) { _ = try Store.open(at: scratch.path, for: access) }
      #expect(error?.reason == .storeBusy)
    }
    withExtendedLifetime(closed) {}
    closed = nil
    try Store.open(at: scratch.path, for: .read).close()
  }

  @Test func killedBetweenTwoFilesTheStoreIsWhole() async throws {
    let before = try grown()
    for count in 1...3 {
      await #expect(processExitsWith: .signal(SIGKILL)) { [path = scratch.path as String, count = count as Int] in
        setenv("LOAM_FAILURE_POINT", "compact.file:\(count)", 1)
        _ = try Store.compact(at: path)
      }
      let board = try scratch.open()
      #expect(try board.store.versions() == before)
      try board.check(quiet: true)
      board.store.close()
    }
  }
}
