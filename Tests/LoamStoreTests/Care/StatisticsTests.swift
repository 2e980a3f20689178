import Foundation
import LoamSchema
import Testing

@testable import LoamStore

@Suite struct StatisticsTests {
  let scratch = StorePath()

  @Test func everyStoredBlockIsCountedOnceByWhoShowsIt() throws {
    let board = try scratch.create()
    try board.store.setRetention(RetentionPolicy(keepLast: 2))
    let cell = Board.Cell(table: "a", shard: 0, number: 3)
    let first = try board.fill("a", with: 1)
    let second = try board.publish([cell: 2], try board.begin("a"))
    let write = try board.begin("a")
    try board.put([cell: 9], write)

    let statistics = try board.store.statistics()
    let table = try #require(statistics.tables.first)
    let all = 2 * Int(Board.cells)
    let block = 4_000
    #expect(table.blocks == all && table.bytes == all * block && table.version == second.version)
    #expect(
      table.added == [
        .init(version: first.version, blocks: all, bytes: all * block),
        .init(version: second.version, blocks: 1, bytes: block),
      ])
    #expect(table.older == .init(blocks: 1, bytes: block) && table.garbage == .init())
    #expect(table.unpublished == .init(blocks: 1, bytes: block))
    #expect(statistics.files.dropFirst().reduce(0) { $0 + $1.blocks } == all + 2)
    #expect(statistics.files.allSatisfy { $0.fileBytes > 0 && $0.mapBytes >= $0.fileBytes && $0.readers > 0 })
    let writer = try #require(statistics.writers.first)
    #expect(writer.process == "\(getpid())" && writer.isAlive && writer.tables == ["model:a"])
    #expect(try board.store.statistics(at: .number(first.version)).tables.first?.bytes == all * block)
    write.abandon()
  }

  @Test func blocksOfDroppedVersionsAreGarbageUntilTheyAreCollected() throws {
    let board = try scratch.create()
    for value in 1...5 { try board.fill("a", with: UInt64(value)) }
    try board.store.setRetention(RetentionPolicy(keepLast: 2))
    let before = try #require(try board.store.statistics().tables.first)
    #expect(before.garbage.blocks == 3 * 2 * Int(Board.cells))
    let free = try board.store.statistics().files.reduce(0) { $0 + $1.freeBytes }
    #expect(try board.store.collect() == before.garbage.blocks)
    let after = try board.store.statistics()
    #expect(after.tables.first?.garbage == .init() && after.tables.first?.older.blocks == 2 * Int(Board.cells))
    #expect(after.files.reduce(0) { $0 + $1.freeBytes } > free)
  }

  @Test func verifyingCountsBytesAndNamesTheDamageInOneError() throws {
    do {
      let board = try scratch.create()
      try board.fill("a", with: 0x5A5A_1234)
      let report = try board.store.verify()
      #expect(report.blocks == 2 * Int(Board.cells) && report.bytes == report.blocks * 4_000)
      board.store.close()
    }
    let file = scratch.path + "/shard-000/data.mdb"
    let value: [UInt8] = [0x34, 0x12, 0x5A, 0x5A, 0, 0, 0, 0]
    try damage(file, at: try offset(of: value + value, in: file), with: [0x35])
    let store = try Store.open(at: scratch.path, for: .read)
    let error = #expect(throws: StoreError.self) { try store.verify().requireSound() }
    #expect(error?.reason == .badChecksum && error?.category == .damaged)
    store.close()
  }
}
