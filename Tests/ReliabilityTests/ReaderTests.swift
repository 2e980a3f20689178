import Foundation
import LMDB
import LoamSchema
import Testing

@testable import LoamStore

/// Readers that are many, slow, or dead.
@Suite(.serialized) struct ReaderTests {
  private let model = TableSpec(TableName(.model, "ctr"))

  private func publish(_ store: Store, _ number: Int, tags: [String] = []) throws -> VersionRecord {
    let write = try store.begin([model])
    let blobs = try BlobWriter(write, model)
    blobs.set("number", (0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* number) })
    try blobs.flush()
    return try write.publish(PublishOptions(tags: tags))
  }

  @Test func moreSnapshotsThanReaderSlotsAreRefusedAndServedAgainWhenOthersEnd() throws {
    let place = try Place()
    let store = try Store.create(at: place("s.loam"), options: StoreOptions(shards: 1))
    defer { store.close() }
    var held: [Snapshot] = []
    let error = #expect(throws: StoreError.self) {
      for _ in 0..<1_100 { held.append(try store.snapshot()) }
    }
    #expect(error?.reason == .readersFull)
    #expect(held.count > 1_000)
    held.removeLast(10)
    _ = try store.snapshot()
  }

  /// The writer stays open: only its own commits look after readers that died.
  @Test func twoHundredSlotsOfKilledReadersPinNothing() throws {
    let place = try Place()
    let store = try Store.create(at: place("s.loam"), options: StoreOptions(shards: 1))
    defer { store.close() }
    try store.setRetention(RetentionPolicy(keepLast: 2))
    for number in 0..<3 { _ = try publish(store, number) }
    let readers = try (0..<10).map { _ in try WorkloadProgram.start("hold", place("s.loam"), "20") }
    for reader in readers { try reader.waitUntilItSays("ready") }
    let shard = store.shards[0].environment
    #expect(try shard.readers().filter { $0.process != getpid() }.count == 200)
    for number in 3..<6 { _ = try publish(store, number) }
    #expect(try shard.readers().filter { $0.process != getpid() }.count == 200, "the living are left alone")
    for reader in readers { kill(reader.process.processIdentifier, SIGKILL) }
    for reader in readers { #expect(reader.finish().wasKilled) }
    _ = try publish(store, 6)
    #expect(try shard.readers().filter { $0.process != getpid() }.isEmpty)
    // Pages of versions that are gone are used again from now on.
    for number in 7..<12 { _ = try publish(store, number) }
    let pages = try shard.usage().pages
    for number in 12..<30 { _ = try publish(store, number) }
    #expect(try shard.usage().pages <= pages + 4)
  }

  @Test func aProcessThatPollsSeesNewVersionsInTheirOrder() throws {
    let place = try Place()
    let store = try Store.create(at: place("s.loam"), options: StoreOptions(shards: 4))
    defer { store.close() }
    let reader = try WorkloadProgram.start("poll", place("s.loam"))
    try reader.waitUntilItSays("1 ")
    var published: [UInt64: Int] = [:]
    var last: UInt64 = 0
    for number in 0..<30 {
      last = try publish(store, number, tags: number == 29 ? ["end"] : []).version
      published[last] = Self.microseconds
      usleep(15_000)
    }
    let seen = reader.finish().output.split(separator: "\n").compactMap { line -> (UInt64, Int)? in
      let words = line.split(separator: " ").compactMap { Int($0) }
      return words.count == 2 ? (UInt64(words[0]), words[1]) : nil
    }
    #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.0 < $1.0 })
    #expect(seen.last?.0 == last)
    #expect(seen.count > 10, "of 31 versions: \(seen.map(\.0))")
    let delays = seen.compactMap { version, time in published[version].map { Double(time - $0) / 1_000 } }.sorted()
    print("polling: \(delays.count) versions seen, median \(delays[delays.count / 2]) ms, worst \(delays.last!) ms")
  }

  private static var microseconds: Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000 + time.tv_nsec / 1_000
  }

  @Test func readersInThreadsNeverSeeTwoVersionsMixed() throws {
    let place = try Place()
    let outcome = try WorkloadProgram.run("threads", place("s.loam"), "\(setting("LOAM_SECONDS", 2))")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains(" 0 mixed"), "\(outcome.output)")
    print("threads: \(outcome.output)", terminator: "")
    try StoreCheck(path: place("s.loam")).requireSound()
  }
}
