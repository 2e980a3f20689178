import Foundation
import LoamIngest
import LoamSchema
import LoamStore
import Testing

/// Parsing by chunks and threads: what is stored is that of one record after the other.
@Suite struct ChunkTests {
  private func stored(
    _ text: String, schema: Schema = clickSchema, threads: Int, chunk: Int, batch: Int = 1 << 20, maxBadRows: Int = 0
  ) throws -> (roots: [String: Root], report: IngestReport) {
    try withStore { store in
      let options = IngestOptions(
        log: "train", batchRows: batch, maxBadRows: maxBadRows, now: 1, threads: threads, chunkRecords: chunk)
      let report = try Ingestor(store: store, schema: schema, options: options)
        .run([.memory(name: "rows", bytes: Array(text.utf8))])
      return (try roots(of: store), report)
    }
  }

  @Test(arguments: [(1, 1), (1, 7), (2, 3), (3, 40), (2, 299)])
  func threadsAndChunksChangeNoTable(threads: Int, chunk: Int) throws {
    let text = clickLines(0..<300)
    let whole = try stored(text, threads: 1, chunk: 32_768).roots
    #expect(try stored(text, threads: threads, chunk: chunk).roots == whole)
    #expect(try stored(text, threads: threads, chunk: chunk, batch: 37).roots == whole)
  }

  @Test func malformedRowsAreTheSameWhateverTheChunks() throws {
    var lines = clickLines(0..<120).split(separator: "\n").map(String.init)
    for row in [3, 50, 51, 119] { lines[row + 1] = "1,u,-5,,1,0" }
    lines[71] = "one cell"
    let text = lines.joined(separator: "\n")
    let whole = try stored(text, threads: 1, chunk: 32_768, maxBadRows: 5)
    #expect(whole.report.badSamples.map(\.line) == [5, 52, 53, 72, 121] && whole.report.rows == 115)
    for (threads, chunk) in [(1, 1), (2, 9), (2, 64)] {
      let cut = try stored(text, threads: threads, chunk: chunk, maxBadRows: 5)
      #expect(cut.roots == whole.roots && cut.report.badSamples == whole.report.badSamples)
      let error = #expect(throws: IngestError.self) {
        _ = try stored(text, threads: threads, chunk: chunk, maxBadRows: 2)
      }
      #expect(error?.rows.map(\.line) == [5, 52, 53])
    }
  }

  /// A quote anywhere makes a chunk one that is read record by record.
  @Test func columnsAndRecordsAreReadAlike() throws {
    let numbers = [
      "0", "-0", "7", "-1.5", "+3", ".5", "5.", "1e3", "123456789012345", "123456789012345678", "0.000000000000001234",
      "3.4028234e38", "", "NA", " 8 ", "1234567.125", "-99999999999999.9", "16777217", "0.1",
    ]
    let texts = ["a", "", "NA", "12345678", "123456789", " blanks ", "ümläut", String(repeating: "long", count: 50)]
    let integers = ["0", "18446744073709551613", "9999999999999999999", "00012", "", "NA", "12 "]
    let rows = (0..<400).map { row in
      let cells = [numbers[row % numbers.count], texts[row % texts.count], integers[row % integers.count]]
      return cells + [texts[row % 3], "\(row % 2)"]
    }
    let schema = Schema(
      name: "mixed", format: RecordFormat(kind: .csv, missing: ["NA"], trim: true), labels: [LabelField(name: "y")],
      dense: [DenseField(name: "x")],
      ids: [
        IDField(name: "s"), IDField(name: "n", kind: .integer), IDField(name: "t", space: "s"),
        IDField(name: "b", column: "x", kind: .integer, bucketise: [0, 1, 10]),
      ])
    func text(_ quote: String, end: String) -> String {
      ([["x", "s", "n", "t", "y"]] + rows)
        .map { $0.map { quote + $0 + quote }.joined(separator: ",") + end }.joined()
    }
    // Blanks inside quotes stay; the format's `trim` takes those around plain cells.
    let quoted = try stored(
      text("\"", end: "\n").replacing("\" blanks \"", with: "\"blanks\"").replacing("\" 8 \"", with: "\"8\"")
        .replacing("\"12 \"", with: "\"12\""), schema: schema, threads: 1, chunk: 32_768)
    #expect(quoted.report.rows == 400)
    for (threads, chunk) in [(1, 32_768), (2, 11)] {
      for end in ["\n", "\r\n"] {
        #expect(try stored(text("", end: end), schema: schema, threads: threads, chunk: chunk).roots == quoted.roots)
      }
    }
  }

  @Test func aLogGoesOnInTheMiddleOfARowGroup() throws {
    let schema = Schema(
      name: "s", format: RecordFormat(kind: .csv), dense: [DenseField(name: "x")],
      ids: [IDField(name: "item", kind: .integer)])
    func lines(_ rows: Range<Int>) -> String {
      "x,item\n" + rows.map { "\($0 % 97).5,\($0 % 1_013)\n" }.joined()
    }
    func store(_ parts: [Range<Int>], threads: Int) throws -> [String: Root] {
      try withStore { store in
        for (number, rows) in parts.enumerated() {
          let options = IngestOptions(log: "train", now: 1, threads: threads)
          _ = try Ingestor(store: store, schema: schema, options: options)
            .run([.memory(name: "part\(number)", bytes: Array(lines(rows).utf8))])
        }
        let log = try #require(try FeatureLogReader(try store.snapshot(), TableName(.log, "train")))
        #expect(try log.computeRoot() == store.snapshot().record.tables["log:train"]?.root)
        return try roots(of: store)
      }
    }
    let whole = try store([0..<80_000], threads: 1)
    #expect(try store([0..<10, 10..<70_000, 70_000..<80_000], threads: 2) == whole)
  }
}
