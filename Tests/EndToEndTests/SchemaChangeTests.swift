import Foundation
import LoamStore
import Testing

/// A field that is added later is a new version, not a new store.
@Suite struct SchemaChangeTests {
  let folder: Folder
  let store: String

  init() throws {
    folder = try Folder()
    store = folder("shop.loam")
    try folder.write("schema: 1\nname: shop\nformat: csv\nlabels: [click]\nids: [user]\n", to: "first.yaml")
    try folder.write("click,user\n1,ann\n0,ben\n", to: "first.csv")
    for arguments in [
      ["init", store, "--schema", folder("first.yaml")], ["ingest", store, folder("first.csv"), "--log", "train"],
    ] {
      let outcome = try CommandLineProgram.run(arguments)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
  }

  @Test func anAddedFieldIsMissingInOlderRowsAndOlderVersionsKeepTheirSchema() throws {
    try folder.write(
      "schema: 1\nname: shop\nformat: csv\nlabels: [click]\nids: [user, item]\ndense: [price]\n", to: "second.yaml")
    try folder.write("click,user,item,price\n1,ann,hat,9.5\n", to: "second.csv")
    for arguments in [
      ["schema", "set", store, folder("second.yaml")], ["ingest", store, folder("second.csv"), "--log", "train"],
    ] {
      let outcome = try CommandLineProgram.run(arguments)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let opened = try Store.open(at: store, for: .read)
    defer { opened.close() }
    let reader = try #require(try FeatureLogReader(opened.snapshot(), TableName(.log, "train")))
    let rows = try reader.group(0)
    guard case .ids(let items)? = rows.columns["id/item"], case .real(let prices)? = rows.columns["dense/price"] else {
      Issue.record("the new columns are not in the log: \(reader.columnNames)")
      return
    }
    #expect(items.codes == [CodedIDs.missing, CodedIDs.missing, 0])
    #expect(prices[0].isNaN && prices[1].isNaN && prices[2] == 9.5)
    #expect(try opened.snapshot(at: .number(2)).schemaText()?.contains("item") == false)
    #expect(try opened.schemaText()?.contains("item") == true)
    #expect(try opened.verify().problems == [])
  }

  @Test(arguments: [
    ("labels: [{name: click, kind: real}]\nids: [user]", "label 'click' is binary in the store, not real"),
    ("labels: [click]\nids: [{name: user, kind: integer}]", "are of kind string in the store, not integer"),
    ("labels: [click]\nids: [{name: user, shape: multi}]", "ID field 'user' is single in the store, not multi"),
    ("labels: [click]\nids: [{name: user, space: people}]", "belongs to the space 'user' in the store"),
  ])
  func aChangeThatStoredRowsWouldBeMisreadByIsRefused(fields: String, says: String) throws {
    try folder.write("schema: 1\nname: shop\nformat: csv\n\(fields)\n", to: "other.yaml")
    let outcome = try CommandLineProgram.run("schema", "set", store, folder("other.yaml"))
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains(says), "\(outcome.errors)")
    let opened = try Store.open(at: store, for: .read)
    defer { opened.close() }
    #expect(try opened.versions().count == 2)
  }
}
