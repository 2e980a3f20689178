import Foundation
import LoamIngest
import LoamSchema
import LoamStore
import Testing

/// Rows of a key that the log has met are left out, and leave no trace.
@Suite struct RowKeyIngestTests {
  private static let keyed: Schema = {
    var schema = clickSchema
    schema.rowKey = ["t", "price"]
    return schema
  }()

  private func stored(
    _ texts: [String], schema: Schema = keyed, threads: Int = 2, chunk: Int = 32_768, batch: Int = 1 << 20,
    maxBadRows: Int = 0
  ) throws -> (roots: [String: Root], reports: [IngestReport]) {
    try withStore { store in
      let options = IngestOptions(
        log: "train", batchRows: batch, maxBadRows: maxBadRows, now: 1, threads: threads, chunkRecords: chunk)
      let reports = try texts.enumerated().map { number, text in
        try Ingestor(store: store, schema: schema, options: options)
          .run([.memory(name: "part\(number)", bytes: Array(text.utf8))])
      }
      let snapshot = try store.snapshot()
      for name in snapshot.tables {
        #expect(try snapshot.computeRoot(of: name) == snapshot.record.tables[name.description]?.root)
      }
      return (try roots(of: store), reports)
    }
  }

  /// Some rows come a second time, later in the file.
  private func repeating(_ rows: Range<Int>, every step: Int, after distance: Int) -> String {
    var lines = clickLines(rows).split(separator: "\n").map(String.init)
    for row in stride(from: rows.count - distance, to: 0, by: -step) { lines.insert(lines[row], at: row + distance) }
    return lines.joined(separator: "\n") + "\n"
  }

  @Test(arguments: [(1, 1, 1 << 20), (1, 7, 100), (2, 3, 50), (3, 40, 1 << 20), (2, 32_768, 37)])
  func repeatedRowsLeaveNoTrace(threads: Int, chunk: Int, batch: Int) throws {
    let whole = try stored([clickLines(0..<300)])
    #expect(whole.reports[0].repeatedRows == 0)
    let text = repeating(0..<300, every: 11, after: 20)
    let cut = try stored([text], threads: threads, chunk: chunk, batch: batch)
    #expect(cut.roots == whole.roots)
    let repeated = stride(from: 280, to: 0, by: -11).map { $0 }.count
    #expect(cut.reports[0].repeatedRows == repeated && cut.reports[0].rows == 300)
    #expect(cut.reports[0].sources[0].repeated == repeated && cut.reports[0].sources[0].records == 300 + repeated)
  }

  @Test func rowsOfAnEarlierIngestAreLeftOutToo() throws {
    let whole = try stored([clickLines(0..<200)])
    let parts = try stored([clickLines(0..<120), clickLines(60..<200)], chunk: 33)
    #expect(parts.roots == whole.roots)
    #expect(parts.reports.map(\.repeatedRows) == [0, 60] && parts.reports.map(\.rows) == [120, 80])
    let again = try stored([clickLines(0..<200), clickLines(50..<150)])
    #expect(again.roots == whole.roots && again.reports[1].rows == 0 && again.reports[1].repeatedRows == 100)
  }

  @Test func anInterruptedIngestEndsInTheSameTables() throws {
    let text = repeating(0..<100, every: 9, after: 4)
    let whole = try stored([text]).roots
    for stop in [0, 31, 77] {
      try withStore { store in
        var broken = text.split(separator: "\n").map(String.init)
        broken[stop + 1] = "not a row"
        #expect(throws: IngestError.self) {
          try ingest(broken.joined(separator: "\n"), into: store, batchRows: 10, schema: Self.keyed)
        }
        try ingest(text, into: store, batchRows: 9, schema: Self.keyed)
        #expect(try roots(of: store) == whole)
      }
    }
  }

  /// A key of a refused row is free for a good one.
  @Test func malformedRowsTakeNoKey() throws {
    let lines = ["t,user,item,last,price,click", "1,u,-5,,1,0", "1,u,5,,1,0", "1,u,6,,1,0", "2,u,x,,1,0", "2,v,7,,1,1"]
    let clean = try stored([([lines[0], lines[2], lines[5]]).joined(separator: "\n")])
    for chunk in [1, 2, 32_768] {
      let found = try stored([lines.joined(separator: "\n")], chunk: chunk, maxBadRows: 2)
      #expect(found.reports[0].badRows == 2 && found.reports[0].repeatedRows == 1 && found.reports[0].rows == 2)
      #expect(found.roots == clean.roots)
    }
  }

  @Test func aRowWithoutItsKeyIsMalformed() throws {
    let text = "t,user,item,last,price,click\n1,u,5,,1,0\n1,u,5,,,0\n"
    let error = #expect(throws: IngestError.self) { _ = try stored([text]) }
    #expect(error?.rows.map(\.line) == [3])
    #expect(error?.message.contains("column \"price\": every row needs its row key") == true)
  }

  @Test func textsOfAKeyDoNotRunIntoEachOther() throws {
    let schema = Schema(
      name: "s", format: RecordFormat(kind: .jsonl), rowKey: ["a", "b"], ids: [IDField(name: "a")])
    let lines = [#"{"a":"xy","b":"z"}"#, #"{"a":"x","b":"yz"}"#, #"{"b":"z","a":"xy"}"#]
    let found = try stored([lines.joined(separator: "\n")], schema: schema)
    #expect(found.reports[0].rows == 2 && found.reports[0].repeatedRows == 1)
    let error = #expect(throws: IngestError.self) { _ = try stored([#"{"a":"x","b":[1]}"#], schema: schema) }
    #expect(error?.message.contains("expected one value as the row key") == true)
  }

  @Test func eventsAloneAreLeftOutLikewise() throws {
    try withStore { store in
      let options = IngestOptions(log: "clicks", keepsRows: false, now: 1)
      for part in 0..<2 {
        _ = try Ingestor(store: store, schema: Self.keyed, options: options)
          .run([.memory(name: "part\(part)", bytes: Array(clickLines(part * 20..<100).utf8))])
      }
      let clicks = try #require(try TimelineReader(try store.snapshot(), TableName(.timeline, "clicks")))
      #expect(clicks.eventCount == 25)
    }
  }
}
