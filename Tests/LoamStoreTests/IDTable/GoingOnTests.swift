import LoamKernels
import LoamSchema
import Testing

@testable import LoamStore

/// A writer that goes on from what it published keeps its copies.
@Suite struct GoingOnTests {
  private static let spec = EarlyPutTests.spec

  @Test(arguments: [1, 3])
  func whatAWriterThatGoesOnWritesIsWhatOneOpenedAnewWrites(shards: Int) throws {
    for seed in UInt64(1)...2 {
      let stores = [try StructureStore(shards: shards), try StructureStore(shards: shards)]
      for scratch in stores { try scratch.store.setRetention(RetentionPolicy(keepLast: 2)) }
      var ids: [[ID]] = [[], []]
      let going = try stores[1].store.begin([Self.spec])
      let table = try IDTableWriter(going, Self.spec, index: seed == 2 ? .copied : .mapped)
      for version in UInt64(0)..<10 {
        let fresh = try stores[0].store.begin([Self.spec])
        let other = try IDTableWriter(fresh, Self.spec)
        for (number, table) in [other, table].enumerated() {
          try EarlyPutTests.change(table, &ids[number], seed: seed * 100 + version) { table, random in
            guard number == 1, Int.random(in: 0..<4, using: &random) == 0 else { return }
            let shard = table.shards.randomElement(using: &random)!
            try shard.putEarly(bytes: shard.copiedBytes / 3, going)
          }
          try table.flush()
          try table.write.publish(PublishOptions(goOn: number == 1))
        }
        let root = try stores[0].root(EarlyPutTests.name)
        #expect(try stores[1].root(EarlyPutTests.name) == root, "seed \(seed), version \(version)")
        let held = going.copies.bytesInUse
        try table.rebase()
        if version > 2 { #expect(going.copies.bytesInUse > held / 2, "copies are kept") }
        if version % 4 == 3 {
          let reader = try #require(try IDTableReader(going.base, EarlyPutTests.name))
          try reader.check()
          #expect(try reader.computeRoot().value == root, "seed \(seed), version \(version)")
        }
        if version == 5 { try stores[1].store.fold() }
      }
      going.abandon()
      #expect(try stores[1].store.checkProtocol() == [])
    }
  }

  @Test func changesThatWereNotPutAreDropped() throws {
    let scratch = try StructureStore(shards: 1)
    let write = try scratch.store.begin([Self.spec])
    let table = try IDTableWriter(write, Self.spec)
    func set(_ id: ID, _ value: Float) throws {
      try table.mutableRow(0, table.findOrInsert(id)).storeBytes(of: value, as: Float.self)
    }
    for id in UInt64(1)...300 { try set(id, 1) }
    try table.flush()
    try set(7, 2)
    try write.publish(PublishOptions(goOn: true))
    try table.rebase()
    #expect(try table.row(0, table.find(7)).load(as: Float.self) == 1)
    #expect(write.copies.bytesInUse <= 1 << 17, "one block was read, none is kept")
    try set(8, 3)
    try table.flush()
    try write.publish()
    let reader = try #require(try IDTableReader(try scratch.store.snapshot(), EarlyPutTests.name))
    let values = try reader.lookup([7, 8, 9], column: 0)
    #expect([values[0], values[100], values[200]] == [1, 3, 1])
    #expect(try reader.computeRoot().value == scratch.root(EarlyPutTests.name))
  }

  // The old rows' hashes leave the root: of damaged bytes they would leave it wrong for good.
  @Test func aBlockDamagedUnderACopyIsRefused() throws {
    let table = try LookupStore(rows: 2_000, shards: 1, seed: 51)
    let write = try table.store.begin([LookupStore.spec])
    let writer = try IDTableWriter(write, LookupStore.spec)
    func change() throws {
      for id in table.ids { try writer.mutableRow(4, writer.find(id)).storeBytes(of: id, as: UInt64.self) }
    }
    try change()
    try writer.flush()
    try write.publish(PublishOptions(goOn: true))
    try writer.rebase()
    try table.damage(column: 20, block: 1, byte: 8)
    for id in table.ids { try writer.mutableRow(4, writer.find(id)).storeBytes(of: id &+ 1, as: UInt64.self) }
    let error = #expect(throws: StoreError.self) { try writer.flush() }
    #expect(error?.reason == .badChecksum)
  }
}
