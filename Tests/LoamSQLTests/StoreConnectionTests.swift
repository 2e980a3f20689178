import Foundation
import LoamSchema
import LoamStore
import SQLite
import Testing

@testable import LoamSQL

@Suite struct StoreConnectionTests {
  let shop: SQLStore
  init() throws { shop = try SQLStore() }

  private func addItem(_ id: ID) throws {
    let spec = try #require(try shop.store.snapshot().spec(TableName(.ids, "item")))
    let write = try shop.store.begin([spec])
    let table = try IDTableWriter(write, spec)
    _ = try table.findOrInsert(id)
    try table.flush()
    try write.publish()
  }

  @Test func aConnectionStaysAtItsVersionUntilItLooksAgain() throws {
    _ = try shop.rows("SELECT loam_open('\(shop.path)')")
    try addItem(1_000)
    #expect(try shop.numbers("SELECT count(*) FROM ids_item") == [41])
    #expect(try shop.numbers("SELECT loam_refresh()") == [3])
    #expect(try shop.numbers("SELECT count(*) FROM ids_item") == [42])
    #expect(try shop.numbers("SELECT version FROM loam_versions WHERE is_open") == [3])
    #expect(try shop.numbers("SELECT loam_open('\(shop.path)', 'good', 'old')") == [2])
    #expect(
      try shop.numbers("SELECT n.id FROM ids_item n LEFT JOIN old_ids_item o USING (number) WHERE o.id IS NULL") == [
        1_000
      ])
  }

  @Test func listsSayWhatThereIs() throws {
    #expect(
      try shop.rows("SELECT name, stored_as, rows FROM loam_tables WHERE kind = 'embedding'") == [
        [.text("embedding_ctr_item"), .text("embedding:ctr/item"), .integer(40)]
      ])
    #expect(
      try shop.rows("SELECT version, tags FROM loam_versions ORDER BY version") == [
        [.integer(1), .text("")], [.integer(2), .text("good")],
      ])
    #expect(try shop.rows("SELECT * FROM loam_metrics") == [[.integer(2), .text("ctr/auc"), .real(0.75)]])
    #expect(try shop.rows("SELECT * FROM loam_sources").isEmpty)
  }

  @Test func tablesMadeByHandAreAnyOfTheStore() throws {
    try shop.database.execute("CREATE VIRTUAL TABLE mine USING loam('\(shop.path)', 'ids:item', 'good')")
    #expect(try shop.numbers("SELECT count(*) FROM mine") == [41])
    let unknown = shop.message("CREATE VIRTUAL TABLE x USING loam('\(shop.path)', 'ids:itme')")
    #expect(unknown.contains("has no table 'ids:itme'") && unknown.contains("Did you mean 'ids:item'?"))
    #expect(shop.message("CREATE VIRTUAL TABLE x USING loam('\(shop.path)')").contains("needs a store and a table"))
    #expect(shop.message("SELECT loam_open('\(shop.path)/none')").contains("there is no store at"))
    #expect(shop.message("SELECT loam_open('\(shop.path)', 'god')").contains("Did you mean good?"))
  }

  @Test func tablesRefuseToBeWritten() throws {
    #expect(shop.message("INSERT INTO ids_item(id) VALUES (1)").contains("may not be modified"))
    #expect(shop.message("DELETE FROM log_train").contains("may not be modified"))
  }

  @Test func namesAreUniqueAndNeedNoQuotes() {
    #expect(
      SQLNames.unique(["ids:a_b", "ids:a.B", "label/click", "7"]) == ["ids_a_b", "ids_a_B_2", "label_click", "_7"])
    #expect(SQLNames.unquoted("'it''s'") == "it's" && SQLNames.unquoted("plain") == "plain")
  }
}
