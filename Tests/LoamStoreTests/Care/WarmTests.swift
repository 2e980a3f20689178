import CLMDB
import Glibc
import LoamSchema
import Testing

@testable import LoamStore

@Suite struct WarmTests {
  let scratch = StorePath()

  private func resident(_ file: String) throws -> Int { try CachedFile(file).residentBytes }

  @Test func whatWasDroppedFromThePageCacheIsInItAgain() throws {
    let board = try scratch.create()
    for value in 1...20 { try board.fill("a", with: UInt64(value)) }
    board.store.close()
    let file = "\(scratch.path)/shard-000/data.mdb"
    // Only written pages can be given up, and none of a file system in memory.
    sync()
    try CachedFile(file).forget()
    let left = try resident(file)
    var system = statfs()
    try #require(statfs(scratch.path, &system) == 0)
    let tmpfs = 0x0102_1994
    #expect(Int(system.f_type) == tmpfs || left < Disk.size(file)!)
    let report = try Store.warm(at: scratch.path)
    #expect(report.files.map(\.name) == ["shard-000", "shard-001"])
    #expect(report.files[0].bytes == Disk.size(file))
    #expect(report.files[0].bytesBefore == left)
    #expect(try resident(file) == Disk.size(file))
    for file in report.files { #expect(file.bytesInHugePages <= file.bytes) }
    #expect(try Store.warm(at: scratch.path).files.allSatisfy { $0.bytesBefore == $0.bytes })
    #expect(try Board.content(scratch.open().store.snapshot()) == board.all("a", 20))
  }

  @Test func aStoreInUseIsWarmedAndGoesOn() throws {
    let board = try scratch.create()
    try board.fill("a", with: 1)
    let snapshot = try board.store.snapshot()
    _ = try Store.warm(at: scratch.path)
    try board.fill("a", with: 2)
    #expect(try Board.content(snapshot) == board.all("a", 1))
    #expect(try Board.content(board.store.snapshot()) == board.all("a", 2))
    try board.check()
  }

  @Test func theEndOfAFileThatFillsNoLargePageIsNotMissed() throws {
    let path = scratch.path + ".file"
    defer { unlink(path) }
    for (bytes, whole) in [(4_096, 0), (2 << 20, 2 << 20), (5 << 20, 4 << 20)] {
      let file = creat(path, 0o600)
      #expect(ftruncate(file, bytes) == 0)
      close(file)
      #expect(try CachedFile(path).bytesInWholeHugePages == whole)
    }
  }

  @Test func memoryThatIsAvailableIsKnown() throws {
    let bytes = try #require(CachedFile.availableBytes)
    #expect((16 << 20..<1 << 46).contains(bytes))
  }

  @Test func aPathWithoutAStoreIsRefused() {
    let error = #expect(throws: StoreError.self) { _ = try Store.warm(at: scratch.path) }
    #expect(error?.reason == .notAStore)
  }
}
