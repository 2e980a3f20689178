import LoamSchema
import Testing

@testable import LoamStore

/// Changed rows that have copies of their own, because copies of their blocks took more memory than a write may hold.
@Suite struct RowCopiesTests {
  static let name = TableName(.embedding, "m/rows")
  static let spec = TableSpec(
    name,
    columns: [
      ColumnSpec("vector", .f32, width: 32, initial: .normal(deviation: 0.1, seed: 3)),
      ColumnSpec("vector.sum", .f32, width: 32), ColumnSpec("count", .u64, blockPages: 1),
    ])

  /// A store and what its rows count, changed batch by batch.
  private final class Counts {
    let scratch: StructureStore
    let write: Write
    let table: IDTableWriter
    var counts: [ID: UInt64] = [:]
    private var ids: [ID] = []
    var random: SeededGenerator
    /// Bytes of single rows at their highest.
    var most = 0

    init(shards: Int, seed: UInt64, bytesMax: Int?) throws {
      scratch = try StructureStore(shards: shards)
      random = SeededGenerator(seed)
      write = try scratch.store.begin([RowCopiesTests.spec])
      if let bytesMax { write.copies.bytesMax = bytesMax }
      table = try IDTableWriter(write, RowCopiesTests.spec)
      try count((1...6_000).map { $0 })
    }

    deinit { write.abandon() }

    func count(_ ids: [ID]) throws {
      var rows = [RowReference](repeating: .none, count: ids.count)
      try ids.withUnsafeBufferPointer { ids in
        try rows.withUnsafeMutableBufferPointer { try table.findOrInsert(ids, into: $0) }
      }
      try rows.withUnsafeBufferPointer { rows in
        try table.update([0, 2, 1], rows) { group in
          for row in 0..<group.count {
            group.rows(0, of: Float.self)[row]![31] += 1
            group.rows(1, of: UInt64.self)[row]!.pointee += 1
            group.rows(2, of: Float.self)[row]![0] = Float(ids[group.first + row] % 9)
          }
        }
      }
      for id in ids where counts.updateValue(counts[id, default: 0] + 1, forKey: id) == nil { self.ids.append(id) }
    }

    /// Most of the draws are of few rows, the rest of all.
    func step() throws {
      try count((0..<300).map { draw($0 % 2 == 0 ? 50 : ids.count) })
      let place = Int.random(in: 0..<ids.count, using: &random)
      let gone = ids[place]
      ids[place] = ids.last!
      ids.removeLast()
      try table.remove(gone)
      counts[gone] = nil
      let one = draw(ids.count)
      try table.mutableRow(2, table.find(one)).storeBytes(of: 7, as: UInt64.self)
      counts[one] = 7
      most = max(most, table.shards.reduce(0) { $0 + $1.columns.reduce(0) { $0 + $1.rowCopies.bytes } })
      if Int.random(in: 0..<8, using: &random) == 0 { try count([random.next()]) }
      for id in (0..<40).map({ _ in draw(ids.count) }) + [gone] {
        let row = try table.find(id)
        #expect(row.isNone == (counts[id] == nil), "ID \(id)")
        if !row.isNone { #expect(try table.row(2, row).load(as: UInt64.self) == counts[id], "ID \(id)") }
      }
      try table.putEarlyIfFull()
    }

    private func draw(_ among: Int) -> ID { ids[Int.random(in: 0..<among, using: &random)] }

    func publish() throws -> UInt128 {
      try table.flush()
      try write.publish(PublishOptions(goOn: true))
      try table.rebase()
      return try scratch.root(RowCopiesTests.name)
    }

    func expectStored() throws {
      let reader = try #require(try IDTableReader(try scratch.store.snapshot(), RowCopiesTests.name))
      try reader.check()
      #expect(try reader.computeRoot().value == scratch.root(RowCopiesTests.name))
      #expect(reader.rowCount == counts.count)
      var count: UInt64 = 0
      for (id, expected) in counts {
        try reader.read(2, reader.find(id), into: &count)
        #expect(count == expected, "ID \(id)")
      }
      #expect(try scratch.store.checkProtocol() == [])
    }
  }

  @Test(arguments: [1, 3])
  func rootsAndRowsAreThoseOfAWriteThatCopiesBlocks(shards: Int) throws {
    for seed in UInt64(1)...2 {
      let free = try Counts(shards: shards, seed: seed, bytesMax: nil)
      let bound = try Counts(shards: shards, seed: seed, bytesMax: 600 << 10)
      for version in 0..<4 {
        for step in 0..<10 {
          try free.step()
          try bound.step()
          if step == 4, version % 2 == 1 { try bound.table.flush() }
        }
        #expect(try free.publish() == bound.publish(), "seed \(seed), version \(version)")
        #expect(free.counts == bound.counts)
      }
      #expect(free.most == 0)
      #expect(bound.most > 100 << 10, "seed \(seed): only \(bound.most) bytes of single rows")
      try bound.expectStored()
    }
  }

  @Test func rowsThatAreHeldStayWhileOthersAreChanged() throws {
    let counts = try Counts(shards: 1, seed: 9, bytesMax: nil)
    _ = try counts.publish()
    let table = counts.table
    try table.shards[0].putEarly(bytes: .max, counts.write)
    // Neighbours: at half of their block's rows it would be copied.
    let rows = try (1...120).map { try table.mutableRow(2, table.find($0)).assumingMemoryBound(to: UInt64.self) }
    #expect(table.shards[0].columns[2].copies == 0)
    for (number, row) in rows.enumerated() { row.pointee = UInt64(number) }
    for id in ID(1)...120 { #expect(try table.row(2, table.find(id)).load(as: UInt64.self) == id - 1) }
    for id in ID(121)...600 { try table.mutableRow(2, table.find(id)).storeBytes(of: id - 1, as: UInt64.self) }
    try table.putEarlyIfFull()
    #expect(table.shards[0].columns[2].copies > 0)
    for id in ID(1)...600 { #expect(try table.row(2, table.find(id)).load(as: UInt64.self) == id - 1) }
  }
}
