import Foundation
import LoamIngest
import LoamSchema
import LoamStore
import Testing

/// Every file of every public set with rows in it ingests as its description says: with `RealDataTests`, all of them.
///
/// The first rows of the large ones; `LOAM_WHOLE_DATA=1 tools/test --filter DataSetTests` takes them whole.
@Suite struct DataSetTests {
  private static let rowsMax = ProcessInfo.processInfo.environment["LOAM_WHOLE_DATA"] == nil ? 2_000 : nil

  @Test(arguments: DataFile.all) func everyRowOfTheFileIsTaken(file: DataFile) throws {
    let path = RealDataTests.data.appendingPathComponent(file.path).path
    guard FileManager.default.fileExists(atPath: path) else {
      print("skipped: \(path) is absent")
      return
    }
    try withStore { store in
      let input = try file.input(at: path, rowsMax: Self.rowsMax)
      let report = try Ingestor(store: store, schema: try file.schema(), options: IngestOptions(log: "set"))
        .run([input])
      #expect(report.badRows == 0)
      if let rowsMax = Self.rowsMax {
        #expect((min(file.rows, rowsMax)...min(file.rows, rowsMax + 1)).contains(report.rows))
      } else {
        #expect(report.rows == file.rows)
      }
      let log = try #require(try FeatureLogReader(try store.snapshot(), TableName(.log, "set")))
      #expect(log.rowCount == report.rows)
    }
  }
}
