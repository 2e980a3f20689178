import Foundation
import LoamIngest
import LoamSchema
import LoamStore
import Testing

/// Spaces whose counts are estimated: frequent IDs are kept, rare ones take no row.
@Suite struct AdmissionTests {
  private static func schema(_ admission: IDField.Admission?, space: String = "word") -> Schema {
    Schema(
      name: "s", format: RecordFormat(kind: .csv), labels: [LabelField(name: "y")],
      ids: [
        IDField(name: "a", space: space, admission: admission),
        IDField(name: "b", shape: .sequence, space: space, separator: " ", admission: admission),
        IDField(name: "n", kind: .integer),
      ])
  }
  private static let admission = IDField.Admission(minimumCount: 4, epsilon: 0.001, delta: 0.01)

  /// Word k occurs about 300 / k times.
  private static let text = {
    var seed: UInt64 = 3
    func word() -> String {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return "w\(Int(exp(Double(seed >> 40) / Double(1 << 24) * 7)))"
    }
    return "a,b,n,y\n" + (0..<900).map { "\(word()),\(word()) \(word()),\($0 % 7),\($0 % 2)\n" }.joined()
  }()

  private static let counts: [String: Int] = {
    var counts: [String: Int] = [:]
    for line in text.split(separator: "\n").dropFirst() {
      let cells = line.split(separator: ",")
      for word in [String(cells[0])] + cells[1].split(separator: " ").map(String.init) { counts[word, default: 0] += 1 }
    }
    return counts
  }()

  private func stored(threads: Int, chunk: Int, batch: Int = 1 << 20, quote: Bool = false) throws -> [String: Root] {
    try withStore { store in
      try ingest(into: store, threads: threads, chunk: chunk, batch: batch, quote: quote)
      let snapshot = try store.snapshot()
      for name in snapshot.tables {
        #expect(try snapshot.computeRoot(of: name) == snapshot.record.tables[name.description]?.root)
      }
      return try roots(of: store)
    }
  }

  private func ingest(into store: Store, threads: Int, chunk: Int, batch: Int, quote: Bool = false) throws {
    let options = IngestOptions(log: "train", batchRows: batch, now: 1, threads: threads, chunkRecords: chunk)
    let text = quote ? Self.text.replacing("\nw1,", with: "\n\"w1\",") : Self.text
    _ = try Ingestor(store: store, schema: Self.schema(Self.admission), options: options)
      .run([.memory(name: "rows", bytes: Array(text.utf8))])
  }

  @Test func idsFromTheMinimumOnAreKeptWithCountsWithinTheBound() throws {
    try withStore { store in
      try ingest(into: store, threads: 2, chunk: 100, batch: 400)
      let snapshot = try store.snapshot()
      let sketch = try #require(try CountMinReader(snapshot, space: "word", log: "train"))
      #expect(sketch.total == 2_700)
      let bound = Int(sketch.shape.bound(total: sketch.total))
      let table = try #require(try IDTableReader(snapshot, TableName(.ids, "word")))
      let column = try table.columnIndex("count/train")
      var (kept, tooHigh) = (0, 0)
      for (word, count) in Self.counts {
        let row = try table.find(hash(word))
        #expect(try sketch.estimate(hash(word)) >= count)
        if row.isNone {
          #expect(count < 4)
          continue
        }
        kept += 1
        #expect(try table.string(of: row) == word)
        var found: UInt64 = 0
        try table.read(column, row, into: &found)
        #expect(found >= max(count, 4))
        if Int(found) > count + bound { tooHigh += 1 }
      }
      #expect(kept == table.rowCount && kept < Self.counts.count / 2)
      #expect(Double(tooHigh) <= 0.01 * Double(Self.counts.count))
    }
  }

  @Test(arguments: [(1, 1, 1 << 20), (2, 7, 50), (2, 300, 1 << 20)])
  func theCuttingChangesNoTable(threads: Int, chunk: Int, batch: Int) throws {
    let whole = try stored(threads: 1, chunk: 32_768)
    #expect(try stored(threads: threads, chunk: chunk, batch: batch) == whole)
    #expect(try stored(threads: threads, chunk: chunk, batch: batch, quote: true) == whole)
  }

  @Test func aLogKeepsToTheWayItsCountsWereBegun() throws {
    try withStore { store in
      try ingest(into: store, threads: 1, chunk: 64, batch: 1 << 20)
      let other = IDField.Admission(minimumCount: 4, epsilon: 0.01, delta: 0.01)
      for (admission, says) in [(nil, "estimated counts"), (other, "epsilon 0.001")] {
        let error = #expect(throws: IngestError.self) {
          _ = try Ingestor(store: store, schema: Self.schema(admission), options: IngestOptions(log: "train"))
            .run([.memory(name: "more", bytes: Array("a,b,n,y\nx,y,1,0\n".utf8))])
        }
        #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
      }
    }
  }
}
