import Foundation
import LoamSchema
import Testing

@Suite struct ReadyFilesTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "schemas")

  static func text(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  @Test(arguments: [
    ("adult", 2, 6, 8), ("criteo", 1, 13, 26), ("criteo-kaggle", 1, 13, 26), ("avazu", 1, 0, 22),
    ("movielens", 2, 0, 2),
    ("frappe", 1, 0, 10), ("open-bandit", 1, 35, 6), ("ads", 2, 2, 9),
    ("frappe-contexts", 1, 0, 12), ("hillstrom", 3, 2, 7), ("beauty", 1, 0, 3),
  ])
  func `a ready file is read, and survives the round trip`(name: String, labels: Int, dense: Int, ids: Int) throws {
    let text = try Self.text("\(name).yaml")
    let schema = try Schema.parse(yaml: text, file: "schemas/\(name).yaml")
    #expect(schema.name == name)
    #expect(schema.labels.count == labels)
    #expect(schema.dense.count == dense)
    #expect(schema.ids.count == ids)
    #expect(text.hasPrefix("# yaml-language-server: $schema=./loam-schema.json\n"))
    #expect(try Schema.parse(yaml: schema.yaml, file: name) == schema)
  }

  @Test func `every ready file is in the list above`() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).filter { $0.hasSuffix(".yaml") }
    #expect(files.count == 11)
  }

  @Test func `the JSON Schema has the keys and words that the parser knows, and no other`() throws {
    let data = try Data(contentsOf: Self.folder.appending(path: "loam-schema.json"))
    let top = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let definitions = try #require(top["$defs"] as? [String: [String: Any]])
    func properties(_ object: [String: Any]?) -> [String: [String: Any]] {
      object?["properties"] as? [String: [String: Any]] ?? [:]
    }
    func keys(_ name: String) -> Set<String> { Set(properties(definitions[name]).keys) }
    func words(_ object: [String: Any]?) -> Set<String> { Set(object?["enum"] as? [String] ?? []) }

    #expect(Set(properties(top).keys) == Set(SchemaKeys.top))
    #expect(keys("format") == Set(SchemaKeys.format))
    #expect(keys("time") == Set(SchemaKeys.time))
    #expect(keys("label") == Set(SchemaKeys.label))
    #expect(keys("dense") == Set(SchemaKeys.dense))
    #expect(keys("id") == Set(SchemaKeys.id))
    #expect(keys("timeline") == Set(SchemaKeys.timeline))

    let steps = definitions["transform"]?["oneOf"] as? [[String: Any]] ?? []
    #expect(words(steps.first) == Set(SchemaKeys.transformWords))
    #expect(Set(properties(steps.last).keys) == Set(SchemaKeys.transforms))
    #expect(words(definitions["kind"]) == Set(RecordFormat.Kind.allCases.map(\.rawValue)))
    #expect(words(properties(definitions["time"])["unit"]) == Set(TimeColumn.Unit.allCases.map(\.rawValue)))
    #expect(words(properties(definitions["label"])["kind"]) == Set(LabelField.Kind.allCases.map(\.rawValue)))
    #expect(words(properties(definitions["id"])["kind"]) == Set(IDField.Kind.allCases.map(\.rawValue)))
    #expect(words(properties(definitions["id"])["shape"]) == Set(IDField.Shape.allCases.map(\.rawValue)))
  }
}
