import LoamKernels
import LoamSchema
import Testing

@testable import LoamStore

/// Rows that are removed, and slots that are given out again.
@Suite struct RemovalTests {
  static let spec = TableSpec(
    TableName(.embedding, "m/evicted"),
    columns: [
      ColumnSpec("vector", .f32, width: 4, initial: .normal(deviation: 0.1, seed: 3), blockPages: 1),
      ColumnSpec("vector.sum", .f32, width: 4, blockPages: 1),
      ColumnSpec("never", .u64),
    ])
  static let strings = TableSpec(TableName(.ids, "user"), columns: [ColumnSpec("count", .u64)])

  private static func bytes(_ table: IDTableReader, _ column: String, _ id: ID) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: try #require(table.spec.column(column)).stride)
    try bytes.withUnsafeMutableBytes { try table.read(column, [try table.find(id)], into: $0.baseAddress!) }
    return bytes
  }

  private static func initial(_ column: Int, _ id: ID) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: spec.columns[column].stride)
    let initial = try InitialRow(spec.columns[column], table: spec.name, generation: 0)
    bytes.withUnsafeMutableBytes { initial.write(id, to: $0.baseAddress!) }
    return bytes
  }

  /// An ID that inherited the optimizer state of the one before it trained at the wrong rate.
  @Test(arguments: [false, true])
  func aSlotGivenOutAgainHasNothingOfTheOldIDAndOlderVersionsKeepIt(inOneWrite: Bool) throws {
    let scratch = try StructureStore(shards: 1)
    let write = try scratch.store.begin([Self.spec])
    let table = try IDTableWriter(write, Self.spec)
    for id in UInt64(0)..<1_000 {
      let row = try table.findOrInsert(id)
      for column in 0...1 { try table.mutableRow(column, row).storeBytes(of: Float(id) + 9, as: Float.self) }
    }
    try table.flush()
    let before = try write.publish(PublishOptions(tags: ["before"], goOn: true))
    try table.rebase()

    let gone = stride(from: UInt64(5), to: 1_000, by: 7).map { $0 }
    let slots = try gone.map { try table.find($0) }
    for id in gone { #expect(try table.remove(id)) }
    #expect(try !table.remove(5))
    if !inOneWrite {
      try table.flush()
      try write.publish(PublishOptions(goOn: true))
      try table.rebase()
      let reader = try #require(try IDTableReader(write.base, Self.spec.name))
      #expect(reader.rowCount == 1_000 - gone.count)
      #expect(try reader.statistics().freeSlots == gone.count)
      for id in gone { #expect(try reader.find(id).isNone) }
    }
    let new = gone.map { $0 + 1_000_000 }
    #expect(try Set(new.map { try table.findOrInsert($0) }) == Set(slots), "the same slots, no more")
    try table.flush()
    let after = try write.publish()

    let (old, latest) = (
      try scratch.store.snapshot(at: .name("before")), try scratch.store.snapshot(at: .number(after.version))
    )
    let (oldTable, newTable) = (
      try #require(try IDTableReader(old, Self.spec.name)), try #require(try IDTableReader(latest, Self.spec.name))
    )
    for snapshot in [old, latest] { try requireSound(snapshot) }
    for (id, fresh) in zip(gone, new) {
      #expect(try newTable.find(id).isNone)
      for column in Self.spec.columns.indices {
        #expect(try Self.bytes(newTable, Self.spec.columns[column].name, fresh) == Self.initial(column, fresh))
      }
      #expect(try oldTable.find(fresh).isNone)
      var state: Float = 0
      try withUnsafeMutableBytes(of: &state) {
        try oldTable.read("vector.sum", [try oldTable.find(id)], into: $0.baseAddress!)
      }
      #expect(state == Float(id) + 9)
    }
    let diff = try #require(try VersionDiff(from: old, to: latest).tables.first)
    #expect((diff.inserted, diff.changed, diff.removed) == (UInt64(new.count), 0, UInt64(gone.count)))

    let receiver = try StructureStore(shards: 3)
    for (from, to) in [(1, before.version), (before.version, after.version)] {
      let directory = ScratchPath()
      _ = try Delta.export(
        from: try scratch.store.snapshot(at: .number(from)), to: try scratch.store.snapshot(at: .number(to)),
        into: directory.path)
      _ = try Delta.apply(directory.path, to: receiver.store)
    }
    #expect(try receiver.store.snapshot().record.root == after.root)
    try requireSound(try receiver.store.snapshot())
  }

  @Test(arguments: [1, 3])
  func theRootIsThatOfATableMadeAfreshWithTheSameRows(shards: Int) throws {
    for seed in UInt64(1)...4 {
      var random = SeededGenerator(seed)
      let scratch = try StructureStore(shards: shards)
      let specs = [Self.spec, Self.strings]
      let write = try scratch.store.begin(specs)
      let (items, users) = (try IDTableWriter(write, Self.spec), try IDTableWriter(write, Self.strings))
      var rows: [ID: Float] = [:]
      var names: [String: UInt64] = [:]
      for _ in 0..<4 {
        for _ in 0..<700 {
          let id = random.next() % 600
          let name = "user \(id)"
          switch random.next() % 5 {
          case 0:
            #expect(try items.remove(id) == (rows.removeValue(forKey: id) != nil), "seed \(seed)")
            #expect(try users.remove(RowHash.salt(name)) == (names.removeValue(forKey: name) != nil), "seed \(seed)")
          case 1: try items.flush()
          default:
            rows[id] = Float(random.next() % 50)
            names[name, default: 0] += 1
            let row = try items.findOrInsert(id)
            try items.mutableRow(1, row).storeBytes(of: rows[id]!, as: Float.self)
            let user = try users.findOrInsert(RowHash.salt(name), string: name)
            try users.mutableRow(0, user).storeBytes(of: names[name]!, as: UInt64.self)
          }
        }
        try items.flush()
        try users.flush()
        let record = try write.publish(PublishOptions(goOn: true))
        try items.rebase()
        try users.rebase()
        try requireSound(write.base)

        let fresh = try StructureStore(shards: 2)
        let other = try fresh.store.begin(specs)
        let (newItems, newUsers) = (try IDTableWriter(other, Self.spec), try IDTableWriter(other, Self.strings))
        for (id, value) in rows {
          try newItems.mutableRow(1, try newItems.findOrInsert(id)).storeBytes(of: value, as: Float.self)
        }
        for (name, count) in names {
          let row = try newUsers.findOrInsert(RowHash.salt(name), string: name)
          try newUsers.mutableRow(0, row).storeBytes(of: count, as: UInt64.self)
        }
        try newItems.flush()
        try newUsers.flush()
        #expect(try other.publish().root == record.root, "seed \(seed)")
      }
    }
  }

  @Test func anIDThatComesBackInTheSameWriteHasItsNewStringAndInitialRows() throws {
    let scratch = try StructureStore(shards: 1)
    let name = "somebody"
    let id = RowHash.salt(name)
    let write = try scratch.store.begin([Self.strings])
    let table = try IDTableWriter(write, Self.strings)
    try table.mutableRow(0, try table.findOrInsert(id)).storeBytes(of: 7, as: UInt64.self)
    try table.flush()
    try write.publish(PublishOptions(goOn: true))
    try table.rebase()
    try table.remove(id)
    _ = try table.findOrInsert(id, string: name)
    try table.flush()
    try write.publish(PublishOptions(goOn: true))
    try table.rebase()
    try requireSound(write.base)
    let reader = try #require(try IDTableReader(write.base, Self.strings.name))
    let row = try reader.find(id)
    #expect(try reader.string(of: row) == name)
    #expect(try Self.bytes(reader, "count", id) == [UInt8](repeating: 0, count: 8))
  }

  /// The last free slot was taken between two flushes, and the block of free slots of the first one stayed.
  @Test func whatALaterFlushTakesBackIsNotLeftFromAnEarlierOne() throws {
    let scratch = try StructureStore(shards: 1)
    let write = try scratch.store.begin([Self.spec])
    let table = try IDTableWriter(write, Self.spec)
    for id in UInt64(0)..<10 { _ = try table.findOrInsert(id) }
    try table.flush()
    try write.publish(PublishOptions(goOn: true))
    try table.rebase()
    try table.remove(3)
    try table.flush()
    _ = try table.findOrInsert(3)
    try table.flush()
    let record = try write.publish()
    try requireSound(try scratch.store.snapshot())
    #expect(record.tables[Self.spec.name.description]?.rows == 10)
    #expect(record.root == (try scratch.store.snapshot(at: .number(2)).record.root))
  }

  @Test func anIndexBlockLosesTheEntryAskedForAndNoOther() throws {
    let block = UnsafeMutableRawPointer.allocate(byteCount: IndexBlock.bytes, alignment: 64)
    defer { block.deallocate() }
    IndexBlock.clear(block)
    let empty = [UInt8](UnsafeRawBufferPointer(start: block, count: IndexBlock.bytes))
    var random = SeededGenerator(9)
    var entries: [ID: UInt32] = [0: 0]
    // ID 0 looks like an empty entry, and 300 IDs of a few home lines overflow far.
    while entries.count < 300 {
      let id = random.next()
      if IndexBlock.homeLine(loam_mix64(id)) % 4 == 0 { entries[id] = UInt32(entries.count) }
    }
    for (id, slot) in entries { IndexBlock.insert(block, id, hash: loam_mix64(id), slot: slot) }
    for id in entries.keys.sorted().shuffled(using: &random) {
      let slot = entries.removeValue(forKey: id)!
      #expect(IndexBlock.find(block, id, hash: loam_mix64(id)) == slot)
      #expect(IndexBlock.remove(block, id, hash: loam_mix64(id)))
      #expect(!IndexBlock.remove(block, id, hash: loam_mix64(id)))
      #expect(IndexBlock.find(block, id, hash: loam_mix64(id)) == IndexBlock.absent)
      #expect(IndexBlock.count(block) == entries.count)
      if entries.count % 20 == 0 {
        for (id, slot) in entries { #expect(IndexBlock.find(block, id, hash: loam_mix64(id)) == slot) }
      }
    }
    #expect(IndexBlock.hasOverflows(block))
    IndexBlock.clear(block)
    #expect([UInt8](UnsafeRawBufferPointer(start: block, count: IndexBlock.bytes)) == empty)
  }

  @Test func aTableThatLosesAsManyAsItGetsDoesNotGrow() throws {
    let scratch = try StructureStore(shards: 2)
    let write = try scratch.store.begin([Self.spec])
    let table = try IDTableWriter(write, Self.spec)
    var slots: Set<RowReference> = []
    for round in UInt64(0)..<20 {
      for id in 0..<UInt64(200) {
        if round > 0 { try table.remove((round - 1) * 200 + id) }
        // As many of each shard as went, so that only reuse can hold the count.
        let row = try table.findOrInsert(round * 200 + id)
        slots.insert(row)
      }
      try table.flush()
      try write.publish(PublishOptions(goOn: true))
      try table.rebase()
    }
    try requireSound(write.base)
    #expect(table.rowCount == 200)
    #expect(slots.count < 300, "\(slots.count) slots for 200 rows at a time")
  }

  @Test func damagedFreeSlotsAreRefused() throws {
    #expect(throws: StoreError.self) { try IDTableMeta([2, 0, 0, 0] + [UInt8](repeating: 0, count: 11), place: "m") }
    var meta = IDTableMeta()
    (meta.slots, meta.free) = (3, 2)
    #expect(try IDTableMeta(meta.bytes, place: "m") == meta)
    meta.free = 4
    #expect(throws: StoreError.self) { try IDTableMeta(meta.bytes, place: "m") }
  }
}
