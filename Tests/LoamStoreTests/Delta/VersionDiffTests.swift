import LoamSchema
import Testing

@testable import LoamStore

@Suite struct VersionDiffTests {
  @Test(arguments: [1, 4])
  func countsAreThoseOfComparingEveryRow(shards: Int) throws {
    let seed: UInt64 = 21
    let changing = try ChangingStore(shards: shards, seed: seed)
    var models: [(version: UInt64, rows: [ID: [UInt8]])] = []
    for (count, removing) in [(400, 0), (30, 200), (1, 3), (900, 20), (0, 60), (60, 0)] {
      models.append((try changing.change(count, removing: removing), changing.rows))
    }
    for older in models {
      for newer in models where newer.version > older.version {
        let diff = try VersionDiff(
          from: try changing.store.snapshot(at: .number(older.version)),
          to: try changing.store.snapshot(at: .number(newer.version)))
        let items = try #require(diff.tables.first { $0.name == ChangingStore.items.name })
        let inserted = newer.rows.keys.filter { older.rows[$0] == nil }.count
        let changed = newer.rows.filter { older.rows[$0.key] != nil && older.rows[$0.key] != $0.value }.count
        #expect(items.inserted == UInt64(inserted), "seed \(seed), \(older.version) to \(newer.version)")
        #expect(items.changed == UInt64(changed), "seed \(seed), \(older.version) to \(newer.version)")
        let removed = older.rows.keys.filter { newer.rows[$0] == nil }.count
        #expect(items.removed == UInt64(removed), "seed \(seed), \(older.version) to \(newer.version)")
        #expect(items.moved == farthest(older.rows, newer.rows), "seed \(seed)")
        #expect(items.bytes > 0)
        let log = try #require(diff.tables.first { $0.name == ChangingStore.log.name })
        let views = try #require(diff.tables.first { $0.name == ChangingStore.views.name })
        #expect(log.inserted == views.inserted)
        #expect((log.changed, log.removed) == (0, 0))
        #expect((views.changed, views.removed) == (0, 0))
      }
    }
  }

  private func farthest(_ older: [ID: [UInt8]], _ newer: [ID: [UInt8]]) -> [VersionDiff.Moved] {
    func vector(_ row: [UInt8]) -> [Float] {
      row.withUnsafeBytes { bytes in (0..<5).map { bytes.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) } }
    }
    let moved = newer.compactMap { id, row -> VersionDiff.Moved? in
      guard let old = older[id] else { return nil }
      let sum = zip(vector(row), vector(old)).reduce(0.0) { sum, pair in
        let step = Double(pair.0) - Double(pair.1)
        return sum + step * step
      }
      return sum == 0 ? nil : VersionDiff.Moved(id: id, distance: sum.squareRoot())
    }
    return Array(moved.sorted { ($1.distance, $0.id) < ($0.distance, $1.id) }.prefix(10))
  }

  @Test func backwardsEveryInsertionIsARemoval() throws {
    let changing = try ChangingStore(shards: 3, seed: 5)
    let first = try changing.change(200)
    let second = try changing.change(200)
    let (a, b) = (try changing.store.snapshot(at: .number(first)), try changing.store.snapshot(at: .number(second)))
    let forth = try VersionDiff(from: a, to: b)
    let back = try VersionDiff(from: b, to: a)
    for (there, here) in zip(forth.tables, back.tables) {
      #expect((there.inserted, there.changed, there.removed) == (here.removed, here.changed, here.inserted))
    }
  }

  @Test func aRevertThatOtherRowsFollowIsComparedById() throws {
    let changing = try ChangingStore(shards: 2, seed: 8)
    let first = try changing.change(100)
    let second = try changing.change(300)
    _ = try changing.store.revert(to: .number(first))
    let last = try changing.change(300)
    let (a, b) = (try changing.store.snapshot(at: .number(second)), try changing.store.snapshot(at: .number(last)))
    let items = try #require(try VersionDiff(from: a, to: b).tables.first { $0.name == ChangingStore.items.name })
    let (old, new) = (try rows(a), try rows(b))
    #expect(items.inserted == UInt64(new.keys.filter { old[$0] == nil }.count))
    #expect(items.removed == UInt64(old.keys.filter { new[$0] == nil }.count))
    #expect(items.changed == UInt64(new.filter { old[$0.key] != nil && old[$0.key] != $0.value }.count))
  }

  private func rows(_ snapshot: Snapshot) throws -> [ID: [UInt8]] {
    let table = try #require(try IDTableReader(snapshot, ChangingStore.items.name))
    var found: [ID: [UInt8]] = [:]
    try table.forEachRow { row, id in
      found[id] = try table.spec.columns.flatMap { column in
        var bytes = [UInt8](repeating: 0, count: column.stride)
        try bytes.withUnsafeMutableBytes { try table.read(column.name, [row], into: $0.baseAddress!) }
        return bytes
      }
    }
    return found
  }
}
