import Foundation
import LoamSchema
import Testing

@testable import LoamGenerate

@Suite struct AdsSchemaTests {
  @Test func publishedSchemaIsTheGeneratorsOwn() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let published = root.deletingLastPathComponent().appending(path: "schemas/ads.yaml")
    #expect(try String(contentsOf: published, encoding: .utf8) == AdsSchema.yaml)
  }

  @Test func schemaReadsEveryColumnButTheOnesOfTime() throws {
    let schema = try Schema.parse(yaml: AdsSchema.yaml, file: "ads.yaml")
    let fields = schema.labels.map(\.column) + schema.dense.map(\.column) + schema.ids.map(\.column)
    let times = ["time_ms", "conversion_time_ms"]
    #expect(Set(fields + times) == Set(AdsLine.columns.split(separator: ",").map(String.init)))
  }
}
