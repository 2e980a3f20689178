import Foundation
import LMDB
import LoamSchema
import Synchronization
import Testing

@testable import LoamStore

@Suite struct PublishTests {
  let scratch = StorePath()

  @Test func aVersionWithAMetricThatIsNoNumberIsOpenedLikeAnyOther() throws {
    let board = try scratch.create()
    let write = try board.begin("a")
    let options = PublishOptions(metrics: ["auc": .nan, "loss": .infinity], goOn: true)
    let record = try board.publish(board.all("a", 1), write, options)
    #expect(write.base.record.version == record.version)
    let snapshot = try board.store.snapshot(at: .number(record.version))
    #expect(snapshot.record.metrics["auc"]?.isNaN == true)
    #expect(Set(try Board.content(snapshot).values) == [1])
  }

  // The shards' figure was set to the publisher's own stamp: an old copy of a shard without the other's blocks passed.
  @Test func theHighestStampPutToAShardStaysWhenALowerOneIsPublishedLater() throws {
    let board = try scratch.create()
    let low = try board.begin("a")
    let high = try board.begin("b")
    #expect(low.stamp < high.stamp)
    let highest = high.stamp
    try board.publish(board.all("b", 2), high)
    let last = try board.publish(board.all("a", 1), low)
    #expect(last.shards == [highest, highest])
  }

  @Test func aVersionIsRefusedWhileAPutThatFailedWasNotRepeated() throws {
    let board = try scratch.create()
    try board.fill("a", with: 1)
    let write = try board.begin("a")
    let number = write.spec(TableName(.model, "a")).number
    // The map of a test's shard has 64 MiB.
    let content = UnsafeMutableRawBufferPointer.allocate(byteCount: 40 << 20, alignment: 8)
    content.initializeMemory(as: UInt8.self, repeating: 7)
    defer { content.deallocate() }
    let addresses = (0..<2).map { BlockAddress(table: number, column: Board.column, block: 100 + UInt64($0)) }
    func blocks() -> [PendingBlock] {
      addresses.map { PendingBlock($0, rows: 1, content: UnsafeRawBufferPointer(content)) }
    }
    let full = #expect(throws: StoreError.self) { try write.put(blocks(), shard: 0) }
    #expect(full?.reason == .mapFull)
    let refused = #expect(throws: StoreError.self) { try write.publish() }
    #expect(refused?.reason == .notAllowed)
    // The same addresses put again, as after making room.
    try write.put(addresses.map { .deletion($0) }, shard: 0)
    try board.publish(board.all("a", 2), write)
    try board.check()
  }

  @Test func aWriterThatCannotOpenItsNextBaseEndsAndSaysThatItsVersionIsPublished() throws {
    let board = try scratch.create()
    let write = try board.begin("a")
    let taken = Mutex<[HeldRead]>([])
    let error = #expect(throws: StoreError.self) {
      try FailurePoint.$interruption.withValue({ point in
        guard point == "publish.committed" else { return }
        while let read = try? HeldRead(board.store.shards[1].environment) { taken.withLock { $0.append(read) } }
      }) { _ = try board.publish(board.all("a", 1), write, PublishOptions(goOn: true)) }
    }
    #expect(error?.reason == .readersFull)
    let message = try #require(error?.message)
    #expect(message.contains("version 2 is published"))
    taken.withLock { $0 = [] }
    #expect(Set(try Board.content(board.store.snapshot()).values) == [1])
    // Its lease is free.
    try board.fill("a", with: 2)
    try board.check()
  }

  @Test("25: readers at the slot limit fail with a typed error, and hold no slot afterwards")
  func fullSlots() throws {
    let board = try scratch.create()
    try board.fill("a", with: 1)
    var held: [HeldRead] = []
    while let read = try? HeldRead(board.store.shards[1].environment) { held.append(read) }
    let before = try board.store.shards[0].environment.readers().count
    let error = #expect(throws: StoreError.self) { _ = try board.store.snapshot() }
    #expect(error?.reason == .readersFull)
    #expect(try board.store.shards[0].environment.readers().count == before)
    held.removeLast()
    _ = try board.store.snapshot()
    _ = held
  }
}
