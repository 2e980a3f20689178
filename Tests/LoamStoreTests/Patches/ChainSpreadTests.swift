import LoamSchema
import Testing

@testable import LoamStore

/// A table of which every commit changes a row in each group of blocks.
@Suite struct ChainSpreadTests {
  private static let groups = 20
  /// Two rows a block of a page, so 128 a group.
  private static let spec = TableSpec(
    TableName(.embedding, "m/spread"), columns: [ColumnSpec("vector", .f32, width: 480, blockPages: 1)])
  private static let groupRows = 128

  private func set(_ table: IDTableWriter, _ id: ID, _ value: Float) throws {
    let row = try table.findOrInsert(id)
    let vector = try table.mutableRow(0, row).assumingMemoryBound(to: Float.self)
    vector.update(repeating: value, count: 480)
  }

  @Test func chainsThatGrowInStepDoNotEndInOneCommit() throws {
    let scratch = try StructureStore(shards: 1)
    let write = try scratch.store.begin([Self.spec])
    let table = try IDTableWriter(write, Self.spec)
    for id in 0..<Self.groups * Self.groupRows { try set(table, ID(id), 1) }
    var lengths = [Int](repeating: 0, count: Self.groups)
    var ends: [Int] = []
    for commit in 0..<45 {
      try table.flush()
      let version = try write.publish(PublishOptions(goOn: true)).version
      try table.rebase()
      let snapshot = try scratch.store.snapshot(at: .number(version))
      var now = [Int](repeating: 0, count: Self.groups)
      for chain in try snapshot.patchChains(table: write.spec(Self.spec.name).number, column: 16, shard: 0) {
        now[chain.group] = chain.packs.count
      }
      ends.append(zip(lengths, now).filter { $1 < $0 }.count)
      #expect(commit == 0 || zip(lengths, now).allSatisfy { $1 == $0 + 1 || $1 == 0 })
      #expect(now.allSatisfy { $0 <= PatchPack.chainMax })
      lengths = now
      for group in 0..<Self.groups { try set(table, ID(group * Self.groupRows + commit), Float(commit + 2)) }
    }
    #expect(ends.prefix(9).allSatisfy { $0 == 0 }, "\(ends)")
    #expect(ends.allSatisfy { $0 <= 4 }, "\(ends)")
    // Twice in 44 commits, and not more often than they must.
    #expect(ends.reduce(0, +) <= 3 * Self.groups)
    write.abandon()
    #expect(try scratch.store.verify().problems == [])
    let reader = try #require(try IDTableReader(try scratch.store.snapshot(), Self.spec.name))
    let rows: [Float] = try reader.lookup((0..<ID(Self.groups * Self.groupRows)).map { $0 }, column: 0)
    for id in 0..<Self.groups * Self.groupRows {
      let place = id % Self.groupRows
      #expect(rows[id * 480] == (place < 44 ? Float(place + 2) : 1), "ID \(id)")
    }
  }
}
