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
    // Only written pages can be given up.
    sync()
    try CachedFile(file).forget()
    let left = try resident(file)
    let report = try Store.warm(at: scratch.path)
    #expect(report.files.map(\.name) == ["shard-000", "shard-001"])
    #expect(report.files[0].bytes == Disk.size(file))
    #expect(report.files[0].bytesBefore == left)
    #expect(try resident(file) == Disk.size(file))
    for file in report.files { #expect(file.bytesInHugePages <= file.bytes) }
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

  @Test func memoryThatIsAvailableIsKnown() throws {
    let bytes = try #require(CachedFile.availableBytes)
    #expect((16 << 20..<1 << 46).contains(bytes))
  }

  @Test func aPathWithoutAStoreIsRefused() {
    let error = #expect(throws: StoreError.self) { _ = try Store.warm(at: scratch.path) }
    #expect(error?.reason == .notAStore)
  }
}
