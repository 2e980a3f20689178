import Foundation
import LMDB
import LoamKernels
import LoamSchema
import Testing

@testable import LoamStore

/// Blocks that a write puts before it is published, because they take more memory than it may hold.
@Suite struct EarlyPutTests {
  static let name = TableName(.embedding, "m/early")
  static let spec = TableSpec(
    name,
    columns: [
      ColumnSpec("vector", .f32, width: 100, initial: .normal(deviation: 0.1, seed: 3)),
      ColumnSpec("count", .u64, blockPages: 1), ColumnSpec("wide", .u8, width: 9_000),
    ])

  /// One write of several rounds: rows inserted, removed and changed by both kinds of calls.
  ///
  /// - Parameter between: called now and then, where no pointer to a row is held.
  static func change(
    _ table: IDTableWriter, _ ids: inout [ID], seed: UInt64,
    between: (IDTableWriter, inout SeededGenerator) throws -> Void
  ) throws {
    // What is put early, and when, draws from a generator of its own.
    var (random, own) = (SeededGenerator(seed), SeededGenerator(seed ^ 0xEA51))
    for step in 0..<300 {
      let isNew = ids.isEmpty || Int.random(in: 0..<4, using: &random) == 0
      let id = isNew ? random.next() : ids.randomElement(using: &random)!
      let row = try table.findOrInsert(id, string: nil)
      if isNew { ids.append(id) }
      let column = Int.random(in: 0..<3, using: &random)
      try table.mutableRow(column, row).storeBytes(of: UInt8(step % 251), as: UInt8.self)
      if step % 50 == 49 {
        let gone = ids.remove(at: Int.random(in: 0..<ids.count, using: &random))
        try table.remove(gone)
      }
      if step % 20 == 0 {
        let rows = try (0..<40).map { _ in try table.find(ids.randomElement(using: &random)!) }
        try rows.withUnsafeBufferPointer { rows in
          try table.update([0, 1], rows) { group in
            for row in 0..<group.count { group.rows(1, of: UInt64.self)[row]!.pointee += 1 }
          }
        }
      }
      if Int.random(in: 0..<15, using: &own) == 0 { try between(table, &own) }
    }
  }

  @Test(arguments: [1, 4])
  func theRootIsThatOfAWriteThatPutsNothingEarly(shards: Int) throws {
    for seed in UInt64(1)...4 {
      let stores = [try StructureStore(shards: shards), try StructureStore(shards: shards)]
      var ids: [[ID]] = [[], []]
      var early = 0
      for version in UInt64(0)..<4 {
        for (number, scratch) in stores.enumerated() {
          let write = try scratch.store.begin([Self.spec])
          let table = try IDTableWriter(write, Self.spec)
          try Self.change(table, &ids[number], seed: seed * 100 + version) { table, random in
            guard number == 1 else { return }
            let shard = table.shards.randomElement(using: &random)!
            let share = Int.random(in: 1...4, using: &random)
            let before = shard.copiedBytes
            try shard.putEarly(bytes: shard.copiedBytes / share, write)
            early += before - shard.copiedBytes
            if Int.random(in: 0..<6, using: &random) == 0 { try table.flush() }
          }
          try table.flush()
          try write.publish()
        }
        let roots = try stores.map { try $0.root(Self.name) }
        #expect(roots[0] == roots[1], "seed \(seed), version \(version)")
        let reader = try #require(try IDTableReader(try stores[1].store.snapshot(), Self.name))
        try reader.check()
        #expect(try reader.computeRoot().value == roots[1], "seed \(seed), version \(version)")
        #expect(try stores[1].store.checkProtocol() == [], "seed \(seed), version \(version)")
      }
      #expect(early > 4 << 20, "seed \(seed): only \(early) bytes were put early")
    }
  }

  @Test func stringsAreReadBackFromWhereTheyWerePut() throws {
    let scratch = try StructureStore(shards: 1)
    let write = try scratch.store.begin([TableSpec(TableName(.ids, "user"))])
    let table = try IDTableWriter(write, write.spec(TableName(.ids, "user")))
    let strings = (0..<2_000).map { "user \($0)" }
    func insert(_ string: String) throws { _ = try table.findOrInsert(string.id, string: string) }
    for string in strings[..<1_500] { try insert(string) }
    let held = write.copies.bytesInUse
    try table.shards[0].putEarly(bytes: .max, write)
    #expect(write.copies.bytesInUse < held / 10)
    for string in strings { try insert(string) }
    #expect(table.rowCount == strings.count)
    try table.flush()
    try write.publish()
    let reader = try #require(try IDTableReader(try scratch.store.snapshot(), TableName(.ids, "user")))
    try reader.check()
    for string in strings { #expect(try reader.string(of: reader.find(string.id)) == string) }
  }

  private static func fill(_ store: Store, value: Float) throws -> (Write, IDTableWriter) {
    let write = try store.begin([spec])
    let table = try IDTableWriter(write, spec)
    for id in UInt64(1)...2_000 {
      try table.mutableRow(0, table.findOrInsert(id)).storeBytes(of: value, as: Float.self)
    }
    return (write, table)
  }

  /// - Returns: the version's root, and how many blocks there are.
  private static func publish(_ board: Board) throws -> (root: Root, blocks: Int) {
    let (write, table) = try fill(board.store, value: 1)
    try table.flush()
    return (try write.publish().root, try board.blockCount())
  }

  @Test func anAbandonedWriteLeavesNothingOfWhatItPutEarly() throws {
    let path = StorePath()
    do {
      let board = try path.create()
      let (root, blocks) = try Self.publish(board)
      let (write, table) = try Self.fill(board.store, value: 2)
      for shard in table.shards { try shard.putEarly(bytes: .max, write) }
      #expect(try board.blockCount() > blocks)
      #expect(write.copies.bytesInUse == 0)
      write.abandon()
      #expect(try board.blockCount() == blocks)
      #expect(try board.store.checkProtocol(quiet: true) == [])
      #expect(try board.store.snapshot().record.root == root)
      board.store.close()
    }
    let diagnosis = try Doctor.examine(path.path, DoctorOptions(freeBytesMin: 0))
    // Pages that the next write takes are all that is left.
    #expect(Set(diagnosis.findings.map(\.kind)).isSubset(of: [.garbage]))
  }

  @Test func whatAKilledWriterPutEarlyIsFoundAndRemoved() async throws {
    let path = StorePath()
    let (root, blocks) = try Self.publish(try path.create())
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path.path as String] in
      let (write, table) = try Self.fill(try Store.open(at: path, for: .write), value: 2)
      for shard in table.shards { try shard.putEarly(bytes: shard.copiedBytes / 2, write) }
      for id in UInt64(1)...500 { try table.mutableRow(0, table.find(id)).storeBytes(of: Float(3), as: Float.self) }
      for shard in table.shards { try shard.putEarly(bytes: shard.copiedBytes / 2, write) }
      kill(getpid(), SIGKILL)
    }
    let diagnosis = try Doctor.examine(path.path, DoctorOptions(freeBytesMin: 0))
    #expect(Set(diagnosis.findings.map(\.kind)).contains(.deadWriter))
    let again = try Doctor.examine(path.path, DoctorOptions(freeBytesMin: 0))
    #expect(Set(again.findings.map(\.kind)).isSubset(of: [.garbage]))
    let after = try path.open()
    #expect(try after.blockCount() == blocks)
    #expect(try after.store.snapshot().record.root == root)
  }

  // LMDB gives the pages of a block that is put again to the next transactions: it must not while the write reads the
  // old place of it, or of its base.
  @Test func whatIsReadInTheMapStaysWhileOthersWrite() throws {
    let path = StorePath()
    let board = try path.create()
    let (write, table) = try Self.fill(board.store, value: 1)
    for round in 0..<20 {
      for shard in table.shards { try shard.putEarly(bytes: shard.copiedBytes / 2, write) }
      try board.fill("a", with: UInt64(round))
      for id in UInt64(1)...2_000 {
        let expected: Float = id <= 200 && round > 0 ? Float(round) : 1
        let found = try table.row(0, table.find(id)).load(as: Float.self)
        #expect(found == expected, "round \(round), ID \(id)")
        if id <= 200 { try table.mutableRow(0, table.find(id)).storeBytes(of: Float(round + 1), as: Float.self) }
      }
    }
  }
}

extension Board {
  /// Of every table and stamp, in every shard.
  fileprivate func blockCount() throws -> Int {
    try store.shards.reduce(0) { sum, shard in
      let count = try shard.environment.read { transaction throws(LMDBError) in
        try transaction.withCursor(shard.blocks) { cursor throws(LMDBError) in
          var count = 0
          var entry = try cursor.first()
          while entry != nil {
            count += 1
            entry = try cursor.next()
          }
          return count
        }
      }
      return sum + count
    }
  }
}

extension String {
  fileprivate var id: ID {
    var text = self
    return text.withUTF8 { loam_hash_bytes($0.baseAddress, $0.count) }
  }
}
