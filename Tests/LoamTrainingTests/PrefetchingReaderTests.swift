import LoamQuery
import LoamSchema
import LoamStore
import Testing

@testable import LoamTraining

/// Gives each ID the next slot, and refuses none.
private final class NextSlots: RowResolver {
  private var slots: [[ID: UInt32]] = [[:], [:]]
  func row(of id: ID, table: Int) throws(QueryError) -> RowReference {
    let slot = slots[table][id] ?? UInt32(slots[table].count)
    slots[table][id] = slot
    return RowReference(shard: 0, slot: slot)
  }
}

@Suite("Prefetching reader", .timeLimit(.minutes(1))) struct PrefetchingReaderTests {
  static func reader(_ planted: PlantedStore, _ skipped: Int) throws -> FeatureReader {
    let plan = try RunPlan(planted.config(), PlantedStore.schema, data: planted.store.snapshot(), definition: nil)
    let reader = try FeatureReader(planted.store.snapshot(), logs: ["train"], definition: plan.definition)
    try reader.begin(epoch: 1, seed: 7, windowRows: 300, skippingRows: skipped)
    return reader
  }

  @Test(arguments: [0, 70])
  func `Batches read ahead are those of the reader, to the last and from anywhere`(skipped: Int) throws {
    let planted = try PlantedStore()
    for seed in 1...3 { try planted.ingest("train", rows: 250, seed: UInt64(seed)) }
    let (reader, slots) = (try Self.reader(planted, skipped), NextSlots())
    let ahead = PrefetchingReader(try Self.reader(planted, skipped), rowCount: 64)
    let (resolver, others) = (BatchResolver(reader.definition), NextSlots())
    var (expected, found, rows) = (FeatureBatch(), FeatureBatch(), 0)
    while try reader.next(64, into: &expected, by: slots) {
      let raw = try #require(try ahead.next())
      try resolver.resolve(raw, by: others, into: &found)
      #expect(found.rowCount == expected.rowCount)
      #expect(found.labels[0] == expected.labels[0] && found.dense == expected.dense)
      #expect(found.fields.map(\.codes) == expected.fields.map(\.codes))
      #expect(found.tables.map(\.references) == expected.tables.map(\.references))
      rows += found.rowCount
      ahead.giveBack(raw)
    }
    #expect(rows == 750 - skipped)
    #expect(try ahead.next() == nil)
    #expect(try ahead.next() == nil)
  }

  @Test func `A reader that is stopped before its end may begin again`() throws {
    let planted = try PlantedStore()
    try planted.ingest("train", rows: 500, seed: 1)
    let reader = try Self.reader(planted, 0)
    for _ in 0..<20 {
      let ahead = PrefetchingReader(reader, rowCount: 10)
      let first = try #require(try ahead.next())
      #expect(first.rowCount == 10)
      ahead.stop()
      try reader.begin(epoch: 1, seed: 7, windowRows: 300)
    }
  }
}
