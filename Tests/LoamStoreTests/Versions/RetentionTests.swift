import LMDB
import LoamSchema
import Testing

@testable import LoamStore

@Suite struct RetentionTests {
  private static let second: Timestamp = 1_000_000

  /// Versions published a minute apart, and the moment of the last.
  private func minutes(_ count: Int, _ store: Store) throws -> Timestamp {
    for number in 0..<count { try store.setSchemaText("schema \(number)") }
    let versions = try store.versions()
    let now = versions.last!.time
    try store.catalog.write { t throws(LMDBError) in
      for (place, version) in versions.enumerated() {
        var record = version
        record.time = now - Timestamp(versions.count - 1 - place) * 60 * Self.second
        try t.put(record, at: record.version, in: store.catalog.versions)
      }
      return .success(())
    }
    return now
  }

  private func kept(_ store: Store, _ policy: RetentionPolicy, now: Timestamp) throws -> [UInt64] {
    try store.catalog.write { t throws(LMDBError) in
      try store.put(policy, t)
      try store.applyRetention(t, now: now)
      return .success(())
    }
    return try store.versions().map(\.version)
  }

  @Test func versionsOfASpanAreKeptBesideTheLast() throws {
    let scratch = try StructureStore(shards: 1)
    let store = scratch.store
    try store.setRetention(RetentionPolicy(keepLast: 40))
    let now = try minutes(19, store)
    let all = try store.versions().map(\.version)
    #expect(all.count == 20)
    // Ten minutes and a half ago the one of eleven minutes ago was the latest.
    #expect(try kept(store, RetentionPolicy(keepLast: 3, keepSeconds: 630), now: now) == all.suffix(12))
    #expect(try kept(store, RetentionPolicy(keepLast: 3, keepSeconds: 300), now: now) == all.suffix(6))
    // Time goes on: the rest is kept by number alone.
    #expect(
      try kept(store, RetentionPolicy(keepLast: 3, keepSeconds: 300), now: now + 3_600 * Self.second) == all.suffix(3))
    #expect(try store.retention() == RetentionPolicy(keepLast: 3, keepSeconds: 300))
  }

  @Test func aSpanLongerThanTheStoreKeepsEverything() throws {
    let scratch = try StructureStore(shards: 1)
    try scratch.store.setRetention(RetentionPolicy(keepLast: 40))
    let now = try minutes(5, scratch.store)
    for seconds in [86_400, .max] {
      #expect(try kept(scratch.store, RetentionPolicy(keepLast: 2, keepSeconds: seconds), now: now).count == 6)
    }
  }

  @Test func aClockSetBackDropsNothingOfTheLast() throws {
    let scratch = try StructureStore(shards: 1)
    try scratch.store.setRetention(RetentionPolicy(keepLast: 40))
    let now = try minutes(9, scratch.store)
    let all = try scratch.store.versions().map(\.version)
    #expect(
      try kept(scratch.store, RetentionPolicy(keepLast: 4, keepSeconds: 120), now: now - 86_400 * Self.second) == all)
  }

  @Test func collectingDropsVersionsThatBecameTooOld() throws {
    let scratch = StorePath()
    let board = try scratch.create()
    defer { board.store.close() }
    try board.store.setRetention(RetentionPolicy(keepLast: 2, keepSeconds: 3_600))
    for value in 1...6 { try board.fill("a", with: UInt64(value)) }
    #expect(try board.store.versions().count == 7)
    let hour = Timestamp(3_600) * Self.second
    try board.store.catalog.write { t throws(LMDBError) in
      for version in try t.entries(of: board.store.catalog.versions) {
        var record = version.value
        record.time -= 2 * hour
        try t.put(record, at: record.version, in: board.store.catalog.versions)
      }
      return .success(())
    }
    #expect(try board.store.collect() > 0)
    #expect(try board.store.versions().count == 2)
    try board.check()
  }
}
