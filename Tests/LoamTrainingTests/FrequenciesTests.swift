import LoamQuery
import LoamSchema
import LoamStore
import Testing

@testable import LoamTraining

@Suite("Frequencies") struct FrequenciesTests {
  static func table(_ planted: PlantedStore) throws -> (TrainingTable, Write) {
    let (definition, optimizer) = (TrainingTableTests.definition, TableOptimizerConfig(.sgd))
    let spec = EmbeddingLayout.spec(definition, model: "m", optimizer: optimizer, deviation: 0.5, seed: 1)
    let write = try planted.store.begin([spec])
    let admission = try Admission(write.base, space: "item", logs: [], minimum: 1)
    return (
      try TrainingTable(
        definition, spec, optimizer, write: write, admission: admission, decayLog: 0, countsOccurrences: true), write
    )
  }

  /// Each step reads each of the rows twice.
  static func step(_ table: TrainingTable, _ rows: [RowReference], number: UInt64) throws -> ([Float], UInt64) {
    var counts = [Float](repeating: 0, count: rows.count)
    let batch = TrainingTableTests.batch(rows, occurrences: 2)
    for shard in table.scratch.indices { try table.noteOccurrences(shard: shard, batch, counts: &counts) }
    let sum = table.addOccurrences()
    let step = TableStep(table.optimizer, number: number, rate: 0.1)
    try TrainingTableTests.touch(table, rows, gradient: 0.5, step)
    return (counts, sum)
  }

  @Test func `Counts and their sum hold the step under way and all before it, missing IDs aside`() throws {
    let planted = try PlantedStore()
    let (table, write) = try Self.table(planted)
    let rows = try [ID]([1, 2, .missing]).map { try table.admit($0) }
    for number in 1...3 {
      let (counts, sum) = try Self.step(table, rows, number: UInt64(number))
      #expect(counts == [Float](repeating: 2 * Float(number), count: 3))
      #expect(sum == 4 * UInt64(number))
    }
    try table.writer.flush()
    try write.publish()

    let (again, _) = try Self.table(planted)
    let (counts, sum) = try Self.step(again, [again.admit(2)], number: 4)
    #expect(counts == [8])
    #expect(sum == 14)
  }
}
