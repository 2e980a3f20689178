import Foundation
import Testing

/// `loam sql` and the extension in Debian's sqlite3 shell, on a store that was ingested and trained.
@Suite(.serialized) struct SQLTests {
  private static let config = """
    {model: fm, name: ctr, label: click, train: train, epochs: 1, batch_size: 256, seed: 1, fields: {dimension: 4}}
    """
  private static let program = "/usr/bin/sqlite3"
  private static var library: String {
    (CommandLineProgram.path as NSString).deletingLastPathComponent + "/libloamsqlite.so"
  }

  let folder: Folder
  var store: String { folder("ads.loam") }

  init() throws {
    folder = try Folder()
    try run("generate", "ads", "--rows", "1000", "--seed", "3", "--output", folder("data"))
    try run("init", store, "--schema", folder("data") + "/schema.yaml")
    try run("ingest", store, folder("data") + "/train.csv", "--log", "train")
    try folder.write(Self.config, to: "model.yaml")
    try run("train", store, "--config", folder("model.yaml"))
  }

  @discardableResult
  private func run(_ arguments: String..., input: String? = nil) throws -> String {
    let outcome = try CommandLineProgram.run(arguments, input: input)
    #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
    return outcome.output
  }

  private func counted() throws -> [[String: Any]] {
    let answer = try CommandLineProgram.json("counts", store, "--ids", "item", "--top", "3")
    return try #require(answer["top"] as? [[String: Any]])
  }

  @Test func answersAreTablesCSVOrJSON() throws {
    let sql = "SELECT id, count FROM ids_item ORDER BY count DESC, number LIMIT 3"
    let json = try run("sql", store, sql, "--json")
    let rows = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]])
    #expect(rows.map { "\($0["id"]!)" } == (try counted()).map { "\($0["id"]!)" })
    #expect(rows.map { $0["count"] as? Int } == (try counted()).map { $0["count"] as? Int })
    let csv = try run("sql", store, "--format", "csv", input: sql)
    #expect(csv == "id,count\n" + rows.map { "\($0["id"]!),\($0["count"]!)\n" }.joined())
    let table = try run("sql", store, sql).split(separator: "\n")
    #expect(table.count == 5 && table[0].split(separator: " ") == ["id", "count"])
    let vector = try run("sql", store, "SELECT vector FROM embedding_ctr_item LIMIT 1", "--format", "json")
    let first = try #require(try JSONSerialization.jsonObject(with: Data(vector.utf8)) as? [[String: [Double]]])
    #expect(first.first?["vector"]?.count == 4)
    #expect(try run("sql", store, "SELECT ',\"' AS a, NULL AS b", "--format", "csv") == "a,b\n\",\"\"\",\n")
    let names = try CommandLineProgram.json("sql", store, "--tables")
    let tables = try #require(names["tables"] as? [[String: Any]]).compactMap { $0["table"] as? String }
    #expect(tables.contains("log_train") && tables.contains("loam_versions"))
  }

  @Test(arguments: [
    ("SELECT * FROM ids_itm", "unknown-table", "Did you mean ids_item?"),
    ("SELECT * FROM \"ids:item\"", "unknown-table", "Did you mean ids_item?"),
    ("SELECT coutn FROM ids_item", "unknown-column", "Did you mean count?"),
    ("SELECT cosin(1, 2)", "unknown-function", "Did you mean cosine?"),
    ("SELECT FROM", "bad-query", "syntax error"), ("", "bad-query", "no statement"),
    ("SELECT * FROM nearest('ctr/itme', 1)", "unknown-table", "Did you mean 'ctr/item'?"),
  ])
  func aWrongQueryIsRefusedWithWhatMayHaveBeenMeant(_ sql: String, _ code: String, _ hint: String) throws {
    let outcome = try CommandLineProgram.run("sql", store, sql)
    #expect(outcome.status == 2 && outcome.output.isEmpty)
    #expect(outcome.errors.contains("[sql.\(code)]") && outcome.errors.contains(hint), "\(outcome.errors)")
  }

  @Test func everyExampleOfTheDocumentGivesRows() throws {
    let document = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("docs/sql.md")
    let text = try String(contentsOf: document, encoding: .utf8)
    let examples = text.components(separatedBy: "```sql\n").dropFirst().map { $0.components(separatedBy: "```")[0] }
    #expect(examples.count >= 7)
    for example in examples {
      let rows = try run("sql", store, "--format", "csv", input: example).split(separator: "\n")
      #expect(rows.count > 1, "no rows: \(example)")
    }
  }

  @Test(
    .enabled("needs /usr/bin/sqlite3 (Debian: sqlite3), and libloamsqlite.so built beside the tests") {
      FileManager.default.isExecutableFile(atPath: SQLTests.program)
        && FileManager.default.fileExists(atPath: SQLTests.library)
    })
  func theShellJoinsCountsWithVectors() throws {
    let join = """
      SELECT c.id, c.count, round(cosine(e.vector, e.vector), 6) FROM ids_item c
      JOIN embedding_ctr_item e ON e.number = c.number ORDER BY c.count DESC, c.number LIMIT 3;
      """
    let output = try shell(join)
    let expected = try counted().map { "\($0["id"]!)|\($0["count"]!)|1.0" }
    #expect(output.split(separator: "\n").map(String.init) == expected, "\(output)")
    #expect(try shell("EXPLAIN QUERY PLAN \(join)").contains("number=?"))
    let near = "nearest('ctr/item', (SELECT id FROM embedding_ctr_item WHERE number > 0 LIMIT 1), 5)"
    #expect(try shell("SELECT count(*) FROM \(near);") == "5\n")
  }

  private func shell(_ sql: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.program)
    process.arguments = [
      "-batch", "-bail", ":memory:", ".load \(Self.library)", "SELECT 'version', loam_open('\(store)');",
      sql,
    ]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    // The first line is the answer of loam_open.
    let lines = String(decoding: output, as: UTF8.self).split(separator: "\n", maxSplits: 1)
    #expect(lines.first?.hasPrefix("version|") ?? false)
    return lines.count > 1 ? String(lines[1]) : ""
  }
}
