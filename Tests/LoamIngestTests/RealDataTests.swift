import Foundation
import LoamIngest
import LoamSchema
import LoamStore
import Testing

/// Public data sets with the bundled schemas, where they lie beside the checkout (or where LOAM_DATA says).
@Suite struct RealDataTests {
  static let checkout = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
    .deletingLastPathComponent()
    .deletingLastPathComponent()
  static let data =
    ProcessInfo.processInfo.environment["LOAM_DATA"].map { URL(fileURLWithPath: $0) }
    ?? checkout.deletingLastPathComponent().appendingPathComponent("shared/data")

  /// `nil`, with a line that says so, where the file is absent.
  func path(_ name: String) -> String? {
    let path = Self.data.appendingPathComponent(name).path
    if FileManager.default.fileExists(atPath: path) { return path }
    print("skipped: \(path) is absent")
    return nil
  }

  func schema(_ name: String) throws -> Schema {
    let url = Self.checkout.appendingPathComponent("schemas/\(name).yaml")
    return try Schema.parse(yaml: String(contentsOf: url, encoding: .utf8), file: url.path)
  }

  @Test(arguments: [
    ("criteo_terabyte_sample/train.tsv.gz", "criteo", 60_000), ("adult_multitask/adult.data.gz", "adult", 32_561),
    ("frappe_x1/valid.csv.gz", "frappe", 57_722), ("open_bandit_men/bts.csv.gz", "open-bandit", 10_000),
    ("open_bandit_men/random.csv.gz", "open-bandit", 10_000),
    ("movielens_100k/ml-100k.inter.gz", "movielens", 100_000),
  ])
  func everyRowIsTaken(file: String, schemaName: String, rows: Int) throws {
    guard let path = path(file) else { return }
    try withStore { store in
      let ingestor = Ingestor(
        store: store, schema: try schema(schemaName), options: IngestOptions(log: "train", batchRows: 30_000))
      let report = try ingestor.run([.file(path)])
      #expect(report.rows == rows && report.badRows == 0)
      let log = try #require(try FeatureLogReader(try store.snapshot(), TableName(.log, "train")))
      #expect(log.rowCount == rows)
    }
  }

  @Test func everyRowOfTheKaggleSampleIsTaken() throws {
    let paths = ["train", "dev", "test"].compactMap { path("criteo_kaggle_small/\($0).tsv.gz") }
    if paths.count < 3 { return }
    try withStore { store in
      let ingestor = Ingestor(
        store: store, schema: try schema("criteo-kaggle"), options: IngestOptions(log: "train"))
      let report = try ingestor.run(paths.map(Input.file))
      #expect(report.badRows == 0)
      #expect(report.rows == report.sources.reduce(0) { $0 + $1.records })
    }
  }

  @Test func countsOfItemsAreThoseOfTheFile() throws {
    guard let path = path("frappe_x1/valid.csv.gz") else { return }
    let sample = try RecordSampler(.file(path), format: RecordFormat(kind: .csv), limit: .max)
    let item = try #require(sample.header.firstIndex(of: "item"))
    var counts: [UInt64: UInt64] = [:]
    for record in sample.records { counts[try #require(UInt64(record[item])), default: 0] += 1 }
    try withStore { store in
      let ingestor = Ingestor(
        store: store, schema: try schema("frappe"), options: IngestOptions(log: "valid", batchRows: 10_000))
      _ = try ingestor.run([.file(path)])
      let items = try #require(try IDTableReader(try store.snapshot(), TableName(.ids, "item")))
      let ids = Array(counts.keys)
      var found = [UInt64](repeating: 0, count: ids.count)
      let rows = try items.find(ids)
      try found.withUnsafeMutableBytes { try items.read("count/valid", rows, into: $0.baseAddress!) }
      #expect(items.rowCount == counts.count)
      #expect(found == ids.map { counts[$0]! })
    }
  }
}
