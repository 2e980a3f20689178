import Foundation
import LoamSchema
import Testing

@testable import LoamTraining

@Suite("Ready configs")
struct ReadyConfigTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../schemas").standardizedFileURL

  @Test(arguments: [
    ("frappe-deepfm", "frappe"), ("frappe-fm", "frappe"), ("frappe-lr", "frappe"), ("adult-deepfm", "adult"),
    ("ads-deepfm", "ads"), ("criteo-deepfm", "criteo"), ("frappe-dcnv2", "frappe"),
    ("frappe-finalmlp", "frappe-contexts"), ("adult-mmoe", "adult"), ("adult-ple", "adult"), ("adult-dhen", "adult"),
    ("hillstrom-mmoe", "hillstrom"), ("hillstrom-ple", "hillstrom"), ("hillstrom-dhen", "hillstrom"),
    ("beauty-sasrec", "beauty"), ("beauty-din", "beauty"),
  ])
  func `A ready config is taken with its ready schema`(config: String, schema: String) throws {
    let schemaFile = Self.folder.appendingPathComponent("\(schema).yaml")
    let read = try Schema.parse(yaml: String(contentsOf: schemaFile, encoding: .utf8), file: schemaFile.path)
    let file = Self.folder.appendingPathComponent("models/\(config).yaml")
    let text = try String(contentsOf: file, encoding: .utf8)
    let parsed = try ModelConfig(yaml: text, file: file.path, schema: read)
    #expect(try ModelConfig(yaml: parsed.yaml, file: "effective", schema: read) == parsed)
  }
}
