import LoamIngest
import LoamSchema
import Testing

@testable import LoamStore

@Suite struct BudgetTests {
  private static let schema = Schema(
    name: "visits", format: RecordFormat(kind: .csv), labels: [LabelField(name: "y")],
    ids: [IDField(name: "page"), IDField(name: "number", kind: .integer)])

  /// - Returns: the tables' roots, and the transactions of the shards.
  private func stored(_ text: String, _ options: IngestOptions) throws -> (roots: [String: Root], transactions: Int) {
    try withStore { store in
      _ = try Ingestor(store: store, schema: Self.schema, options: options)
        .run([.memory(name: "rows", bytes: Array(text.utf8))])
      #expect(try store.checkProtocol() == [])
      return (
        try roots(of: store), try store.shards.reduce(0) { $0 + (try $1.environment.usage().lastTransaction) }
      )
    }
  }

  @Test func aSmallBudgetAndThreadsChangeNoTable() throws {
    // 14 MB of strings, and the index and counts beside them, where blocks are put early from 12 on.
    let path = String(repeating: "/folder", count: 33)
    let text =
      "page,number,y\n"
      + (0..<60_000).map { "\(path)/\($0 % 59_000),\($0 &* 7_919 % 4_001),\($0 % 2)\n" }.joined()
    let plenty = try stored(text, IngestOptions(log: "train", now: 1, threads: 1))
    let small = try stored(
      text, IngestOptions(log: "train", now: 1, threads: 3, chunkRecords: 5_000, dirtyBytesMax: 16 << 20))
    #expect(small.roots == plenty.roots)
    #expect(small.transactions > plenty.transactions, "nothing was put early")
  }
}
