import LoamQuery
import LoamSchema
import LoamStore
import Testing

@testable import LoamTraining

@Suite("Eviction")
struct EvictionTests {
  /// A table as dictionaries.
  private struct Rows {
    var step: [ID: UInt64] = [:]
    var count: [ID: UInt64] = [:]
    var norm: [ID: Double] = [:]

    init(_ snapshot: Snapshot, space: String) throws {
      let reader = try #require(try EmbeddingReader(snapshot, model: "ctr", space: space))
      func value(_ column: String, _ row: RowReference) throws -> UInt64 {
        var value: UInt64 = 0
        try withUnsafeMutableBytes(of: &value) { try reader.table.read(column, [row], into: $0.baseAddress!) }
        return value
      }
      try reader.table.forEachRow { row, id in
        (step[id], count[id]) = (try value("last_step", row), try value("count", row))
        norm[id] = try reader.values("vector", [row]).reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      }
    }
  }

  private static func trained(_ optimizer: String = "{kind: adam, rate: 0.01, decay: 0.1}") throws -> PlantedStore {
    let planted = try PlantedStore()
    try planted.ingest("train", rows: 1_500, seed: 1, users: 300)
    try planted.ingest("valid", rows: 200, seed: 2)
    _ = try planted.trainer(try planted.config("", ("optimizer.tables", optimizer), ("epochs", "1"))).run()
    return planted
  }

  @Test(arguments: [
    EvictionRule(olderThan: 5), EvictionRule(countBelow: 4), EvictionRule(normBelow: 0.03),
    EvictionRule(olderThan: 3, countBelow: 8, normBelow: 0.1), EvictionRule(countBelow: 1),
  ])
  func `What goes is what every condition names, and a dry run says it before`(rule: EvictionRule) throws {
    let planted = try Self.trained()
    let before = try Rows(try planted.store.snapshot(), space: "user")
    let latest = try #require(before.step.values.max())
    let gone = before.step.keys.filter { id in
      if id == .missing || id == .unknown { return false }
      if let steps = rule.olderThan, latest - before.step[id]! <= steps { return false }
      if let count = rule.countBelow, before.count[id]! >= count { return false }
      if let norm = rule.normBelow, before.norm[id]! >= norm { return false }
      return true
    }
    let eviction = try Eviction(planted.store, model: "ctr", space: "user", rule)
    let versions = try planted.store.versions().count
    let dry = try eviction.look()
    #expect(try planted.store.versions().count == versions)
    #expect((dry.rows, dry.rowsOfTable) == (UInt64(gone.count), UInt64(before.step.count)))
    #expect(dry.occurrences == gone.reduce(0) { $0 + before.count[$1]! })
    #expect(dry.occurrencesOfTable == before.count.values.reduce(0, +))
    #expect(dry.latestStep == latest)
    let columns = try #require(try planted.store.snapshot().spec(TableName(.embedding, "ctr/user"))).columns
    #expect(dry.bytes == UInt64(gone.count * columns.reduce(8) { $0 + $1.stride }))

    var done = try eviction.run()
    #expect((done.version != nil) == !gone.isEmpty)
    done.version = nil
    #expect(done == dry)
    let after = try Rows(try planted.store.snapshot(), space: "user")
    #expect(Set(after.step.keys) == Set(before.step.keys).subtracting(gone))
    #expect(after.norm == before.norm.filter { after.step[$0.key] != nil })
    #expect(try planted.store.verify().problems == [])
    #expect(try eviction.run().rows == 0)
  }

  /// Every row is touched at each step: a row that went must not be updated any more.
  @Test(arguments: ["{kind: adam, rate: 0.01, l2: 0.01, l2_mode: every_row}", "{kind: adam, rate: 0.01, decay: 0.1}"])
  func `Training goes on after an eviction, and IDs that come back begin anew`(optimizer: String) throws {
    let planted = try Self.trained(optimizer)
    let slots = try #require(
      try IDTableReader(try planted.store.snapshot(), TableName(.embedding, "ctr/user"))
    ).rowCount
    let report = try Eviction(planted.store, model: "ctr", space: "user", EvictionRule(countBelow: 6)).run()
    #expect(report.rows > 20)
    #expect(report.trafficShare > 0 && report.trafficShare < 0.5)
    let config = try planted.config("", ("optimizer.tables", optimizer), ("epochs", "2"))
    _ = try planted.trainer(config).run()
    let after = try Rows(try planted.store.snapshot(), space: "user")
    #expect(after.step.count == slots, "the same IDs came back")
    let table = try #require(try IDTableReader(try planted.store.snapshot(), TableName(.embedding, "ctr/user")))
    #expect(try table.statistics().freeSlots == 0, "in the slots that were free")
    #expect(try planted.store.verify().problems == [])
  }

  @Test func `A rule without conditions, a table that is not there and one in training are refused`() throws {
    let planted = try Self.trained()
    #expect(throws: TrainingError.self) { try Eviction(planted.store, model: "ctr", space: "user", EvictionRule()) }
    #expect(throws: TrainingError.self) {
      try Eviction(planted.store, model: "ctr", space: "nobody", EvictionRule(countBelow: 2)).look()
    }
    let spec = try #require(try planted.store.snapshot().spec(TableName(.embedding, "ctr/user")))
    let write = try planted.store.begin([spec])
    let busy = #expect(throws: TrainingError.self) {
      try Eviction(planted.store, model: "ctr", space: "user", EvictionRule(countBelow: 2)).run()
    }
    #expect(busy?.code == "store.table-busy")
    write.abandon()
    let bare = TableSpec(TableName(.embedding, "imported/user"), columns: [ColumnSpec("vector", .f32, width: 2)])
    let importing = try planted.store.begin([bare])
    let table = try IDTableWriter(importing, bare)
    for id in UInt64(1)...9 {
      let row = try table.findOrInsert(id)
      try table.mutableRow(0, row).storeBytes(of: Float(id), as: Float.self)
    }
    try table.flush()
    try importing.publish()
    #expect(throws: TrainingError.self) {
      try Eviction(planted.store, model: "imported", space: "user", EvictionRule(olderThan: 2)).look()
    }
    let small = try Eviction(planted.store, model: "imported", space: "user", EvictionRule(normBelow: 4)).run()
    #expect((small.rows, small.trafficShare) == (3, 0))
  }
}
