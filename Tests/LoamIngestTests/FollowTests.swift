import Foundation
import LoamIngest
import LoamSchema
import LoamStore
import Synchronization
import Testing

@Suite struct FollowTests {
  private let path = FileManager.default.temporaryDirectory
    .appendingPathComponent("follow-\(UUID().uuidString).csv").path

  private func append(_ text: String) throws {
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try file.seekToEnd()
    try file.write(contentsOf: Data(text.utf8))
    try file.close()
  }

  /// Follows the file; `steps[n]` runs at the n-th look at `shouldStop`, and after the last of them it stops.
  @discardableResult
  private func follow(
    _ store: Store, _ steps: [() throws -> Void]
  ) throws -> IngestReport {
    var left = steps[...]
    return try Ingestor(store: store, schema: clickSchema, options: IngestOptions(log: "train"))
      .follow(path, FollowOptions(publishSeconds: 0, pollSeconds: 0.001)) {
        guard let step = left.popFirst() else { return true }
        try? step()
        return false
      }
  }

  private func pieces(_ rows: Range<Int>) -> Substring {
    clickLines(rows).drop { $0 != "\n" }.dropFirst()
  }

  @Test func wholeLinesAreTakenAsTheFileGrowsAndAFollowGoesOn() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let more = pieces(10..<40)
    try Data(clickLines(0..<10).utf8).write(to: URL(fileURLWithPath: path))
    try withStore { store in
      let middle = more.index(more.startIndex, offsetBy: 55)
      let report = try follow(
        store, [{}, { try append(String(more[..<middle])) }, {}, { try append(String(more[middle...])) }, {}])
      #expect(report.rows == 40 && report.badRows == 0 && report.versions.count >= 2)
      try append(String(pieces(40..<60)) + "20,u1,half a li")
      #expect(try follow(store, [{}]).rows == 20)
      let log = try #require(try FeatureLogReader(try store.snapshot(), TableName(.log, "train")))
      #expect(log.rowCount == 60 && log.sources.map(\.records) == [60])
      // Counts do not depend on when rows became known.
      let whole = try withStore { other in
        try ingest(clickLines(0..<60), into: other)
        return try roots(of: other)
      }
      let found = try roots(of: store)
      #expect(found["ids:user"] == whole["ids:user"] && found["ids:item"] == whole["ids:item"])
    }
  }

  @Test func aFileThatWasCutOffOrReplacedEndsItWithTheRowsStored() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    for isReplaced in [false, true] {
      try Data(clickLines(0..<30).utf8).write(to: URL(fileURLWithPath: path))
      try withStore { store in
        let error = #expect(throws: IngestError.self) {
          try follow(
            store,
            [
              {}, {},
              {
                if isReplaced { try FileManager.default.removeItem(atPath: path) }
                try Data(clickLines(0..<2).utf8).write(to: URL(fileURLWithPath: path))
              }, {}, {}, {},
            ])
        }
        #expect(error?.code == "ingest.changed-input")
        #expect(error?.message.contains(isReplaced ? "replaced or removed" : "cut off") == true)
        let log = try #require(try FeatureLogReader(try store.snapshot(), TableName(.log, "train")))
        #expect(log.rowCount == 30)
      }
    }
  }

  @Test func aMalformedLineEndsItAndPipesAndCompressedFilesAreRefused() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data((clickLines(0..<5) + "1,u,-5,,1,0\n").utf8).write(to: URL(fileURLWithPath: path))
    try withStore { store in
      let error = #expect(throws: IngestError.self) { try follow(store, [{}]) }
      #expect(error?.rows.map(\.line) == [7])
      try Data([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]).write(to: URL(fileURLWithPath: path))
      #expect(#expect(throws: IngestError.self) { try follow(store, [{}]) }?.code == "ingest.bad-option")
      let none = #expect(throws: IngestError.self) {
        try Ingestor(store: store, schema: clickSchema, options: IngestOptions(log: "train"))
          .follow("/dev/null", shouldStop: { true })
      }
      #expect(none?.code == "ingest.bad-option")
    }
  }
}
