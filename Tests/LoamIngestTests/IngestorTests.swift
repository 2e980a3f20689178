import Foundation
import LoamIngest
import LoamSchema
import LoamStore
import Testing

@Suite struct IngestorTests {
  @Test func rowsCountsStringsAndEventsAreOneVersion() throws {
    try withStore { store in
      let report = try ingest(clickLines(0..<100), into: store)
      #expect(report.rows == 100 && report.logRows == 100 && report.versions.count == 1)
      #expect(report.newIDs == ["user": 31, "item": 59])
      let snapshot = try store.snapshot()
      let log = try #require(try FeatureLogReader(snapshot, TableName(.log, "train")))
      #expect(log.rowCount == 100)
      #expect(log.sources.map(\.rows) == [100] && log.sources[0].complete)
      let users = try #require(try IDTableReader(snapshot, TableName(.ids, "user")))
      let row = try users.find(hash("u7"))
      #expect(try users.string(of: row) == "u7")
      let seen = (0..<100).filter { $0 * 7 % 31 == 7 }
      #expect(try integers(users, "count/train", row) == Int64(seen.count))
      #expect(try integers(users, "first/train", row) == Int64(seen.first! / 3 * 1_000_000))
      #expect(try integers(users, "last/train", row) == Int64(seen.last! / 3 * 1_000_000))
      let clicks = try #require(try TimelineReader(snapshot, TableName(.timeline, "clicks")))
      #expect(clicks.eventCount == 25)
      let newest = try #require(try clicks.events(of: hash("u7"), limit: 1).first)
      let click = seen.last { $0 % 4 == 0 }!
      #expect(newest.time == Int64(click / 3 * 1_000_000))
      #expect(newest.values == [.id(UInt64(click * 13 % 53)), .real(Float(click) + 0.25)])
    }
  }

  func integers(_ table: IDTableReader, _ column: String, _ row: RowReference) throws -> Int64 {
    var value: Int64 = 0
    try withUnsafeMutableBytes(of: &value) { try table.read(column, [row], into: $0.baseAddress!) }
    return value
  }

  @Test(arguments: [1, 7, 64, 99]) func theCuttingIntoBatchesChangesNoTable(batchRows: Int) throws {
    let whole = try withStore { store in
      try ingest(clickLines(0..<100), into: store)
      return try roots(of: store)
    }
    try withStore { store in
      let report = try ingest(clickLines(0..<100), into: store, batchRows: batchRows)
      #expect(report.versions.count == (100 + batchRows - 1) / batchRows)
      #expect(try roots(of: store) == whole)
    }
  }

  @Test func whatTheLogHasIsPassedOver() throws {
    try withStore { store in
      try ingest(clickLines(0..<50), into: store)
      let before = try roots(of: store)
      let again = try ingest(clickLines(0..<50), into: store, name: "elsewhere")
      #expect(again.versions.isEmpty && again.rows == 0)
      #expect(again.sources.map(\.outcome) == [.skipped])
      #expect(try roots(of: store) == before)
      let other = try ingest(clickLines(50..<60), into: store, name: "more")
      #expect(other.rows == 10 && other.logRows == 60)
    }
  }

  @Test func anIngestThatEndedEarlyGoesOnWhereItsLastVersionEnds() throws {
    let whole = try withStore { store in
      try ingest(clickLines(0..<100), into: store)
      return try roots(of: store)
    }
    for stop in [0, 30, 31, 77] {
      try withStore { store in
        var broken = clickLines(0..<100).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        broken[stop + 1] = "not a row"
        #expect(throws: IngestError.self) {
          try ingest(broken.joined(separator: "\n"), into: store, batchRows: 10)
        }
        let report = try ingest(clickLines(0..<100), into: store, batchRows: 9)
        #expect(report.rows == 100 - stop / 10 * 10)
        #expect(report.sources[0].recordsBefore == stop / 10 * 10)
        #expect(try roots(of: store) == whole)
      }
    }
  }

  @Test func aFileThatGrewIsReadOnAndAChangedOneIsRefused() throws {
    try withStore { store in
      try ingest(clickLines(0..<50), into: store)
      let grown = try ingest(clickLines(0..<60), into: store)
      #expect(grown.rows == 10 && grown.sources[0].outcome == .resumed)
      let changed = clickLines(0..<70).replacing("\n0,u7,", with: "\n0,u8,")
      let error = #expect(throws: IngestError.self) { try ingest(changed, into: store) }
      #expect(error?.code == "ingest.changed-input")
      let shorter = #expect(throws: IngestError.self) { try ingest(clickLines(0..<40), into: store) }
      #expect(shorter?.code == "ingest.changed-input")
    }
  }

  @Test func aRefusedBatchStoresNothing() throws {
    try withStore { store in
      let before = try store.snapshot().record
      let error = #expect(throws: IngestError.self) { try ingest(clickLines(0..<9) + "1,u,-5,,1,0\n", into: store) }
      #expect(error?.message.hasPrefix("rows:11:5: column \"item\": expected an integer ID") == true)
      #expect(error?.hint?.contains("Nothing was stored") == true)
      #expect(try store.snapshot().record == before)
    }
  }

  @Test func malformedRowsAreCountedUpToTheLimit() throws {
    let text = clickLines(0..<9) + "1,u,-5,,1,0\n" + "x\n" + "2,v,5,,1,0\n"
    try withStore { store in
      let report = try ingest(text, into: store, maxBadRows: 2)
      #expect(report.rows == 10 && report.badRows == 2)
      #expect(report.badSamples.map(\.line) == [11, 12])
      let users = try #require(try IDTableReader(try store.snapshot(), TableName(.ids, "user")))
      #expect(try users.find(hash("u")).isNone)
      #expect(try users.find(hash("v")).isNone == false)
    }
    try withStore { store in
      let error = #expect(throws: IngestError.self) { try ingest(text, into: store, maxBadRows: 1) }
      #expect(error?.rows.map(\.line) == [11, 12])
      #expect(error?.message.contains("2 malformed rows, at most 1 are allowed") == true)
    }
  }

  @Test func countsAreKeptPerLog() throws {
    try withStore { store in
      try ingest(clickLines(0..<40), into: store)
      try ingest(clickLines(40..<70), into: store, name: "valid", log: "valid")
      let users = try #require(try IDTableReader(try store.snapshot(), TableName(.ids, "user")))
      let row = try users.find(hash("u0"))
      #expect(try integers(users, "count/train", row) == Int64((0..<40).count { $0 * 7 % 31 == 0 }))
      #expect(try integers(users, "count/valid", row) == Int64((40..<70).count { $0 * 7 % 31 == 0 }))
    }
  }

  @Test func firstAndLastAreRowNumbersWhereTheLogHasNoTime() throws {
    try withStore { store in
      let schema = Schema(
        name: "s", format: RecordFormat(kind: .csv), ids: [IDField(name: "item", kind: .integer)])
      try ingest("item\n5\n6\n\"\"\n5\n6\n7\n", into: store, batchRows: 2, schema: schema)
      let items = try #require(try IDTableReader(try store.snapshot(), TableName(.ids, "item")))
      #expect(try integers(items, "first/train", items.find(5)) == 0)
      #expect(try integers(items, "last/train", items.find(5)) == 3)
      #expect(try integers(items, "first/train", items.find(7)) == 5)
      #expect(items.rowCount == 3)
    }
  }

  @Test func stringsOfOneHashAreRefusedNamingBoth() throws {
    // A real collision of XXH3-64 is not at hand; the store's dictionary is asked with a wrong string instead.
    try withStore { store in
      try ingest(clickLines(0..<9), into: store)
      let write = try store.begin([TableSpec(TableName(.ids, "user"))])
      let table = try IDTableWriter(write, write.spec(TableName(.ids, "user")))
      let error = #expect(throws: StoreError.self) { try table.findOrInsert(hash("u7"), string: "other") }
      #expect(error?.message.contains("u7") == true && error?.message.contains("other") == true)
      write.abandon()
    }
  }

  @Test func progressNamesEveryVersion() throws {
    try withStore { store in
      var versions: [UInt64] = []
      let ingestor = Ingestor(
        store: store, schema: clickSchema, options: IngestOptions(log: "train", batchRows: 30, now: 1))
      let report = try ingestor.run([.memory(name: "rows", bytes: Array(clickLines(0..<100).utf8))]) { progress in
        if let version = progress.version { versions.append(version) }
      }
      #expect(versions == report.versions && versions.count == 4)
    }
  }

  @Test func severalInputsFillOneBatch() throws {
    let whole = try withStore { store in
      try ingest(clickLines(0..<60), into: store)
      return try roots(of: store)
    }
    try withStore { store in
      let ingestor = Ingestor(
        store: store, schema: clickSchema, options: IngestOptions(log: "train", batchRows: 25, now: 1))
      let parts = [0..<20, 20..<20, 20..<60].enumerated().map {
        Input.memory(name: "part\($0)", bytes: Array(clickLines($1).utf8))
      }
      let report = try ingestor.run(parts)
      #expect(report.versions.count == 3 && report.sources.map(\.rows) == [20, 0, 40])
      #expect(try roots(of: store) == whole)
    }
  }
}
