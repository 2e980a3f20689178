import Foundation
import LoamStore
import Testing

/// Which versions stay: by number, and for a span of time.
@Suite struct VersionsKeepTests {
  let folder: Folder
  let store: String

  init() throws {
    folder = try Folder()
    store = folder("shop.loam")
    try folder.write("schema: 1\nname: shop\nformat: csv\nlabels: [click]\nids: [user]\n", to: "shop.yaml")
    try run("init", store, "--schema", folder("shop.yaml"))
    for number in 0..<4 {
      try folder.write("click,user\n1,user\(number)\n", to: "rows\(number).csv")
      try run("ingest", store, folder("rows\(number).csv"), "--log", "train")
    }
  }

  @discardableResult
  private func run(_ arguments: String...) throws -> String {
    let outcome = try CommandLineProgram.run(arguments)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return outcome.output
  }

  private func keep(_ arguments: String...) throws -> [String: Int] {
    let outcome = try CommandLineProgram.run(["versions", "keep", store, "--json"] + arguments)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try JSONDecoder().decode([String: Int].self, from: Data(outcome.output.utf8))
  }

  @Test func theSettingIsShownChangedAndApplied() throws {
    let versions = try keep()["versions"]!
    #expect(try keep() == ["keep_last": 10, "keep_seconds": 0, "versions": versions, "dropped": 0])
    // All of them are younger than a week.
    #expect(try keep("--last", "2", "--for", "1w")["dropped"] == 0)
    #expect(try run("versions", "list", store).contains("the last 2 are kept, and those of 1w"))
    // One setting at a time leaves the other.
    #expect(
      try keep("--last", "3") == ["keep_last": 3, "keep_seconds": 604_800, "versions": versions, "dropped": 0])
    #expect(
      try keep("--for", "none") == ["keep_last": 3, "keep_seconds": 0, "versions": 3, "dropped": versions - 3])
    #expect(try run("versions", "collect", store).contains("freed"))
    let opened = try Store.open(at: store, for: .read)
    defer { opened.close() }
    #expect(try opened.versions().count == 3)
    #expect(try opened.verify().problems == [])
  }

  @Test(arguments: [
    (["--last", "1"], "--last must be at least 2, found 1"), (["--for", "5x"], "found '5x'. Write a whole number"),
    (["--for", "20ms"], "a span of at least 1s"), (["--for", "0d"], "found '0d'"),
  ])
  func aSettingThatMeansNothingIsRefused(arguments: [String], says: String) throws {
    let outcome = try CommandLineProgram.run(["versions", "keep", store] + arguments)
    #expect(outcome.status == 2 && outcome.errors.contains(says), "\(outcome.errors)")
  }
}
