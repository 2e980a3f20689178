import Foundation
import LoamSchema
import Testing

@testable import LoamStore

@Suite struct PatchTests {
  private static let seed = UInt64.random(in: 0..<1 << 40)

  @Test(arguments: [1, 3])
  func chainsGrowToSixteenAndAreThenWrittenWhole(shards: Int) throws {
    let patched = try PatchedStore(shards: shards, seed: Self.seed)
    var longest: [Int] = []
    for number in 1...19 {
      try patched.commit(update: 120)
      longest.append(try patched.longestChain())
      if number % 4 == 0 || number > 15 { try patched.expectAll("commit \(number), seed \(Self.seed)") }
    }
    #expect(longest == Array(1...16) + [0, 1, 2])
    #expect(try patched.store.verify().problems == [])
    try patched.store.collect()
    #expect(try patched.store.checkProtocol(quiet: true) == [])
    try patched.expectAll("collected, seed \(Self.seed)")
  }

  @Test func aCommitOfFewRowsWritesLittle() throws {
    let patched = try PatchedStore(seed: Self.seed)
    let before = try patched.store.snapshot()
    try patched.commit(update: 120)
    let difference = try VersionDiff(from: before, to: try patched.store.snapshot())
    let table = try #require(difference.tables.first)
    // 120 draws touch most of the 89 blocks of vectors, 1.4 MB.
    #expect(table.bytes < 200_000)
    #expect(table.inserted == 0 && table.removed == 0)
    let changed = patched.versions[2]!.filter { patched.content[$0.key] != $0.value }.count
    #expect(table.changed == changed)
  }

  @Test func blocksThatGrewOrChangedMuchAreWrittenWholeOverTheChain() throws {
    let patched = try PatchedStore(shards: 2, seed: Self.seed)
    for number in 0..<6 {
      try patched.commit(update: 80)
      try patched.commit(update: number == 3 ? 6_000 : 40, insert: 30)
      try patched.expectAll("round \(number), seed \(Self.seed)")
    }
    #expect(try patched.longestChain() < 12, "a version that changed every row has ended the chains")
  }

  @Test func aRowThatWasFlushedAndChangedAgainIsReadAsItWasLast() throws {
    let patched = try PatchedStore(seed: Self.seed)
    for updates in [[30, 30], [30, 6_000], [6_000, 30], [30, 6_000, 30]] {
      var (write, table, content) = try patched.begin(update: 0)
      for update in updates {
        try patched.change(table, &content, update: update)
        try table.flush()
      }
      patched.published(try write.publish(), content)
      try patched.expectAll("\(updates), seed \(Self.seed)")
    }
  }

  @Test func aWriterThatGoesOnReadsItsRowsThroughPatches() throws {
    let patched = try PatchedStore(seed: Self.seed)
    var (write, table, content) = try patched.begin(update: 60)
    for _ in 0..<5 {
      try table.flush()
      patched.published(try write.publish(PublishOptions(goOn: true)), content)
      try table.rebase()
      for id in patched.ids {
        let row = try table.find(id)
        let count = try table.row(1, row).loadUnaligned(as: UInt64.self)
        #expect(count == content[id]!.count)
        let vector = try table.row(0, row).assumingMemoryBound(to: Float.self)
        #expect(vector[5] == content[id]!.vector)
      }
      try patched.change(table, &content, update: 60)
    }
    write.abandon()
    try patched.expectAll("gone on, seed \(Self.seed)")
  }

  @Test func rowsThatABatchChangedArePatchedAndReadThroughThePatches() throws {
    let patched = try PatchedStore(shards: 2, seed: Self.seed)
    for round in 0..<4 {
      var (write, table, content) = try patched.begin(update: 0)
      let ids = (0..<90).map { _ in patched.ids.randomElement(using: &patched.random)! }
      var rows = [RowReference](repeating: .none, count: ids.count)
      var old = [UInt64](repeating: 0, count: ids.count)
      try ids.withUnsafeBufferPointer { ids in
        try rows.withUnsafeMutableBufferPointer { try table.find(ids, into: $0) }
      }
      try rows.withUnsafeBufferPointer { rows in
        try old.withUnsafeMutableBytes { try table.read(1, rows, into: $0.baseAddress!) }
        try table.update([1], rows) { group throws(StoreError) in
          let counts = group.rows(0, of: UInt64.self)
          for position in 0..<group.count { counts[position]!.pointee &+= 1 }
        }
      }
      #expect(old == ids.map { content[$0]!.count })
      for id in ids { content[id]!.count &+= 1 }
      try table.flush()
      patched.published(try write.publish(), content)
      try patched.expectAll("round \(round), seed \(Self.seed)")
    }
    #expect(try patched.longestChain(17) == 4)
  }

  // protocol.md, section 11, 24, with the chain's own blocks seen by no kept version.
  @Test func whatAPatchStandsOnIsNotCollected() throws {
    let patched = try PatchedStore(seed: Self.seed, keepLast: 2)
    for _ in 0..<5 {
      try patched.commit(update: 50)
      try patched.store.collect()
    }
    try patched.expectAll("collected after each, seed \(Self.seed)")
    #expect(try patched.store.checkProtocol(quiet: true) == [])
    #expect(try patched.longestChain() == 5)
  }

  // protocol.md, section 11, 24: its second half.
  @Test(arguments: [2, 15, 16])
  func anAbandonedWriteLeavesWhatIsBelowItsPatchesAndFoldsAsItWas(patches: Int) throws {
    let patched = try PatchedStore(seed: Self.seed, keepLast: 2)
    for _ in 0..<patches { try patched.commit(update: 50) }
    for _ in 0..<2 {
      let (write, table, _) = try patched.begin(update: 50)
      try table.flush()
      try patched.store.collect()
      try patched.expectAll("before the write was abandoned, seed \(Self.seed)")
      write.abandon()
      try patched.store.collect()
      #expect(try patched.store.checkProtocol(quiet: true) == [])
      #expect(try patched.longestChain() == patches)
      try patched.expectAll("abandoned, seed \(Self.seed)")
    }
    try patched.commit(update: 50)
    try patched.expectAll("written after it, seed \(Self.seed)")
  }

  @Test func revertDropAndDeltaReadThroughChains() throws {
    let patched = try PatchedStore(shards: 2, seed: Self.seed, keepLast: 40)
    for _ in 0..<5 { try patched.commit(update: 60) }
    let old = try patched.store.snapshot()
    for _ in 0..<4 { try patched.commit(update: 60) }
    let reverted = try patched.store.revert(to: .number(old.record.version))
    #expect(reverted.root == old.record.root)
    patched.published(reverted, patched.versions[old.record.version]!)
    try patched.expectAll("reverted, seed \(Self.seed)")
    try patched.commit(update: 60)
    try patched.expectAll("patched over reverted blocks, seed \(Self.seed)")

    let receiver = try StructureStore(shards: 3)
    var applied = try patched.store.snapshot(at: .number(1))
    for version in [old.record.version, try patched.store.snapshot().record.version] {
      let next = try patched.store.snapshot(at: .number(version))
      let directory = NSTemporaryDirectory() + "loam-delta-\(UUID().uuidString)"
      defer { try? FileManager.default.removeItem(atPath: directory) }
      _ = try Delta.export(from: applied, to: next, into: directory)
      _ = try Delta.apply(directory, to: receiver.store)
      try PatchedStore.expect(patched.versions[version]!, try receiver.store.snapshot(), "delta to \(version)")
      applied = next
    }

    _ = try patched.store.dropNewer(than: .number(old.record.version))
    patched.published(old.record, patched.versions[old.record.version]!)
    try patched.commit(update: 60)
    try patched.expectAll("dropped, seed \(Self.seed)")
    #expect(try patched.store.verify().problems == [])
  }
}
