import Foundation
import LoamSchema
import Testing

@testable import LoamStore

@Suite struct MovingOnTests {
  private static let rows = 2_000

  /// Writes other rows under some IDs, as a patch or in whole blocks.
  private func change(_ table: LookupStore, _ ids: some Sequence<ID>) throws {
    let write = try table.store.begin([LookupStore.spec])
    let writer = try IDTableWriter(write, LookupStore.spec)
    for id in ids {
      let row = try writer.mutableRow(0, try writer.findOrInsert(id)).assumingMemoryBound(to: Float.self)
      row[0] += 1
    }
    try writer.flush()
    try write.publish()
  }

  private func next(_ table: LookupStore, after reader: IDTableReader?) throws -> IDTableReader {
    try #require(try IDTableReader(try table.store.snapshot(), LookupStore.name, after: reader))
  }

  @Test func blocksThatDidNotMoveAreNotComparedAgain() throws {
    let table = try LookupStore(rows: Self.rows, shards: 1, seed: 41)
    let old = try next(table, after: nil)
    let before = try old.lookup(table.ids, column: 4, absent: nil)
    // Another column's change: this one's blocks stay.
    try change(table, table.ids[..<3])
    try table.damage(column: 20, block: 1, byte: 8)
    let moved = try next(table, after: old).lookup(table.ids, column: 4, absent: nil)
    #expect(zip(moved, before).filter { $0 != $1 }.count == 1)
    let error = #expect(throws: StoreError.self) {
      _ = try next(table, after: nil).lookup(table.ids, column: 4, absent: nil)
    }
    #expect(error?.reason == .badChecksum)
  }

  @Test func blocksThatNobodyTouchedOrThatChangedAreCompared() throws {
    let table = try LookupStore(rows: Self.rows, shards: 1, seed: 42)
    let old = try next(table, after: nil)
    // Only the first block of the column was touched.
    _ = try old.lookup([table.ids[0]], column: 4, absent: nil)
    try table.damage(column: 20, block: 2, byte: 8)
    #expect(throws: StoreError.self) { _ = try next(table, after: old).lookup(table.ids, column: 4, absent: nil) }

    _ = try old.lookup(table.ids, column: 0, absent: nil)
    try change(table, table.ids)
    try table.damage(column: 16, block: 0, byte: 8)
    let changed = try next(table, after: old)
    let error = #expect(throws: StoreError.self) { _ = try changed.lookup(table.ids, column: 0, absent: nil) }
    #expect(error?.reason == .badChecksum)
  }

  /// Patches, growth of index and columns, folds and collections between the versions.
  @Test func whatIsReadAfterMovingOnIsWhatAFreshReaderReads() throws {
    let table = try LookupStore(rows: Self.rows, shards: 3, seed: 43)
    try table.store.setRetention(RetentionPolicy(keepLast: 2))
    var random = SeededGenerator(6)
    var ids = table.ids
    var reader = try next(table, after: nil)
    for step in 0..<14 {
      _ = try reader.lookup((0..<300).map { _ in ids.randomElement(using: &random)! }, column: 0, absent: nil)
      var changed = (0..<20).map { _ in ids.randomElement(using: &random)! }
      if step % 4 == 3 {
        let fresh = (0..<400).map { _ in random.next() }
        ids += fresh
        changed += fresh
      }
      try change(table, changed)
      if step % 5 == 4 { _ = try table.store.fold() }
      if step % 3 == 2 { _ = try table.store.collect() }
      reader = try next(table, after: reader)
      let fresh = try next(table, after: nil)
      for column in [0, 1, 5] {
        let (own, expected) = (
          try reader.lookup(ids, column: column, absent: nil), try fresh.lookup(ids, column: column, absent: nil)
        )
        #expect(own == expected, "step \(step), column \(column)")
      }
    }
  }

  /// What keys say, place by place.
  private func places(_ listing: ColumnListing) -> [[UInt]] {
    listing.blocks.map { [UInt($0.address.block), UInt($0.stamp), UInt(bitPattern: $0.value.baseAddress)] }
      + [listing.unseen.map { UInt($0) }]
  }

  // A write that puts before one snapshot and publishes after it changes no page between the two.
  @Test func aListingMovedOnIsThatOfAllKeys() throws {
    let table = try LookupStore(rows: Self.rows, shards: 2, seed: 44)
    let store = table.store
    try store.setRetention(RetentionPolicy(keepLast: 3))
    let number = try #require(try store.snapshot().spec(LookupStore.name)).number
    let columns: [UInt16] = [IDTableLayout.index, IDTableLayout.idColumn.number, 16, 16 | PatchPack.columnBit, 17, 20]
    var random = SeededGenerator(7)
    var older = try store.snapshot()
    var known: [[ColumnListing]]?
    var (kept, moved) = (0, 0)
    func look() throws {
      let newer = try store.snapshot()
      var found: [[ColumnListing]] = []
      for shard in 0..<2 {
        let changes = try BlockChanges(of: number, from: older, to: newer, shard: shard)
        found.append(
          try columns.enumerated().map { place, column in
            let all = try newer.listing(table: number, column: column, shard: shard)
            guard let changes, let listing = known?[shard][place] else { return all }
            let since = try newer.listing(table: number, column: column, shard: shard, since: (listing, changes))
            #expect(places(since) == places(all))
            if changes.numbers(ofColumn: column, and: listing.unseen).isEmpty { kept += 1 } else { moved += 1 }
            return since
          })
      }
      (known, older) = (found, newer)
    }
    var ids = table.ids
    for step in 0..<25 {
      try look()
      let write = try store.begin([LookupStore.spec])
      let writer = try IDTableWriter(write, LookupStore.spec)
      for _ in 0..<[1, 30, 700].randomElement(using: &random)! {
        let isNew = Int.random(in: 0..<8, using: &random) == 0
        if isNew { ids.append(random.next()) }
        let row = try writer.findOrInsert(isNew ? ids[ids.count - 1] : ids.randomElement(using: &random)!)
        try writer.mutableRow(Int.random(in: 0..<2, using: &random), row).storeBytes(of: UInt8(step), as: UInt8.self)
      }
      if step % 3 == 0 { for shard in writer.shards { try shard.putEarly(bytes: 1 << 14, write) } }
      if step % 4 == 1 { try look() }
      try writer.flush()
      if step % 2 == 1 { try look() }
      if step % 7 == 6 {
        write.abandon()
        continue
      }
      try write.publish(PublishOptions(tags: step == 10 ? ["ten"] : []))
      if step % 6 == 5 { _ = try store.fold() }
      if step % 5 == 4 { _ = try store.collect() }
      if step == 15 { _ = try store.revert(to: .name("ten")) }
    }
    try look()
    #expect(kept > 50 && moved > 50, "\(kept) listings kept, \(moved) moved")
  }
}
