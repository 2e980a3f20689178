import Foundation
import LoamSchema
import LoamStore
import Testing

/// Names of nothing, names that are taken, tables that somebody else writes.
@Suite struct BadInputNameTests {
  static func named(_ name: String, _ arguments: [String], _ code: String, says: String...) -> BadInputCase {
    var wrong = BadInputCase(name, arguments, code)
    wrong.says = says
    return wrong
  }

  @Test(arguments: [
    named(
      "table", ["lookup", "$/s.loam", "--table", "ctr/itm", "--id", "item1"], "command.unknown-table",
      says: "'ctr/itm'", "Did you mean 'ctr/item'?"),
    named(
      "column", ["lookup", "$/s.loam", "--table", "ctr/item", "--id", "item1", "--columns", "vectr"],
      "store.unknown-column", says: "vectr", "vector"),
    named(
      "ID", ["similar", "$/s.loam", "--table", "ctr/item", "--id", "itm1"], "command.unknown-id",
      says: "itm1", "Did you mean 'item1'?"),
    named(
      "ID of letters among integers", ["lookup", "$/s.loam", "--table", "ctr/user", "--id", "abc"], "command.bad-id",
      says: "'abc' is no ID of user", ":missing"),
    named(
      "version", ["lookup", "$/s.loam", "--table", "ctr/item", "--id", "item1", "--at", "99"], "store.unknown-version",
      says: "no version 99", "loam versions list $/s.loam"),
    named("tag", ["stat", "$/s.loam", "--at", "frist"], "store.unknown-name", says: "frist", "Did you mean first?"),
    named("space", ["counts", "$/s.loam", "--ids", "itm"], "command.unknown-table", says: "Did you mean 'item'?"),
    named("log", ["log", "$/s.loam", "--log", "trian"], "command.unknown-table", says: "Did you mean 'train'?"),
    named(
      "timeline", ["timeline", "$/s.loam", "--entity", "usr", "--id", "1"], "command.unknown-table",
      says: "Did you mean 'user'?"),
    named(
      "model", ["export", "$/s.loam", "--model", "ctx", "--output", "$/out"], "command.unknown-table",
      says: "Did you mean 'ctr'?"),
    named("command", ["ingst", "$/s.loam"], "command.usage", says: "Did you mean 'loam ingest'?"),
    named(
      "option", ["ingest", "$/s.loam", "$/train.csv", "--lgo", "x"], "command.usage", says: "Did you mean '--log'?"),
    named("store", ["stat", "$/none.loam"], "store.not-a-store", says: "no store at $/none.loam", "loam init"),
    named("store in a folder", ["verify", "$"], "store.not-a-store", says: "$ is no store", "loam.json is missing"),
  ])
  func `a name that is not there is answered with the nearest one:`(wrong: BadInputCase) throws { try wrong.check() }

  @Test(arguments: [
    named(
      "a tag of another version", ["freeze", "$/s.loam", "--at", "1", "--as", "first"], "store.exists",
      says: "the tag first names version", "loam versions alias"),
    named("a version name with a blank", ["freeze", "$/s.loam", "--as", "a b"], "store.bad-name", says: "1 to 128"),
    named("a version name of digits", ["freeze", "$/s.loam", "--as", "12"], "store.bad-name", says: "not only digits"),
    named(
      "a log name with a slash", ["ingest", "$/s.loam", "$/train.csv", "--log", "a/b"], "store.bad-name",
      says: "a/b", "1 to 128"),
    named(
      "removal without confirmation", ["versions", "drop-newer", "$/s.loam", "1"], "command.not-confirmed",
      says: "--yes", "revert"),
    named(
      "an export into a full directory", ["export", "$/s.loam", "--output", "$/s.loam"], "export.exists",
      says: "$/s.loam", "another directory"),
    named(
      "an export into no directory", ["export", "$/s.loam", "--output", "$/no/out"], "export.missing",
      says: "$/no", "mkdir -p $/no"),
    named(
      "a batch of no rows", ["ingest", "$/s.loam", "$/train.csv", "--log", "more", "--batch-rows", "0"],
      "ingest.bad-option", says: "a batch has 1 ... 16777216 rows, not 0"),
  ])
  func `a name or option that cannot be is refused:`(wrong: BadInputCase) throws { try wrong.check() }

  @Test(arguments: [
    (["ingest", "$/s.loam", "$/train.csv", "--log", "train"], TableName(.log, "train")),
    (["train", "$/s.loam", "--config", "$/model.yaml", "--set", "name=busy"], TableName(.model, "busy")),
  ])
  func aTableThatAnotherProcessWritesIsBusy(arguments: [String], table: TableName) throws {
    let place = try BadInputPlace()
    let writer = try Store.open(at: place.store, for: .write)
    let write = try writer.begin([TableSpec(table)])
    let outcome = try place.run(arguments)
    #expect(outcome.status == 4 && outcome.errors.contains("[store.table-busy]"), "\(outcome.errors)")
    #expect(outcome.errors.contains("\(table)"), "\(outcome.errors)")
    write.abandon()
    writer.close()
    try place.prepare(arguments)
  }

  @Test func aFailureIsAJSONDocumentWhereOneIsAskedFor() throws {
    let place = try BadInputPlace()
    let outcome = try place.run(["stat", "$/none.loam", "--json"])
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: [String: Any]])
    let error = try #require(document["error"])
    #expect(error["code"] as? String == "store.not-a-store" && error["exit_code"] as? Int == 2)
    #expect(error["message"] is String && error["hint"] is String && outcome.status == 2)
  }
}
