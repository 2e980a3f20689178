import Foundation
import LMDB
import LoamSchema
import Testing

@testable import LoamStore

@Suite struct CollectorTests {
  let scratch = StorePath()

  // Pieces began at the head of the list after every publication, where the entries below a tag stay for good: with
  // more of them than a piece looks at, nothing behind them was ever collected.
  @Test func entriesThatATagKeepsDoNotHideThoseBehindThem() throws {
    let board = try scratch.create()
    try board.store.setRetention(RetentionPolicy(keepLast: 2))
    let address = { (number: UInt32, block: UInt64) in
      BlockAddress(table: number, column: Board.column, block: block)
    }
    let content: [UInt8] = [1, 2, 3]
    func publish(_ blocks: Range<UInt64>, tag: [String] = []) throws {
      let write = try board.begin("a")
      let number = write.spec(TableName(.model, "a")).number
      try content.withUnsafeBytes { bytes in
        try write.put(blocks.map { PendingBlock(address(number, $0), rows: 1, content: bytes) }, shard: 0)
      }
      try write.publish(PublishOptions(tags: tag))
    }
    try publish(0..<3_000, tag: ["kept"])
    try publish(0..<3_000)
    for _ in 0..<60 { try publish(0..<8) }
    let shard = board.store.shards[0]
    let blocks = try shard.environment.read { t throws(LMDBError) in try t.count(of: shard.blocks) }
    // Without collecting behind the tag's entries: 6,000 + 60 x 8.
    #expect(blocks < 6_200)
    _ = try board.store.collect()
    #expect(try board.store.checkProtocol(quiet: true) == [])
    let snapshot = try board.store.snapshot(at: .name("kept"))
    #expect(try snapshot.blocks(table: 1, column: Board.column, shard: 0).count == 3_000)
  }
}
