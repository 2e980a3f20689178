import LoamStore
import SQLite
import Testing

@testable import LoamSQL

@Suite struct EventsTableTests {
  let shop: SQLStore
  init() throws { shop = try SQLStore() }

  @Test func eventsOfAnEntityComeNewestFirstWithoutSorting() throws {
    let sql = "SELECT time, item, price FROM timeline_clicks WHERE entity = 'ann' ORDER BY time DESC LIMIT 3"
    #expect(
      try shop.rows(sql) == [
        [.integer(270), .integer(28), .real(13.5)], [.integer(240), .null, .null],
        [.integer(210), .integer(22), .real(10.5)],
      ])
    #expect(try !shop.plan(sql).contains("TEMP B-TREE"))
    #expect(try shop.plan("SELECT * FROM timeline_clicks ORDER BY time DESC").contains("TEMP B-TREE"))
  }

  @Test(arguments: [
    "time < 100", "time <= 100", "time > 100", "time >= 100", "time = 100", "time BETWEEN 50 AND 90", "time < 95.5",
    "known_at <= 100", "known_at > 130 AND time < 200", "time < 100 AND known_at < 60", "time > 9223372036854775807",
    "time >= -9223372036854775808", "known_at = 100", "time < 'x'",
  ])
  func aRangeOfTimesSelectsWhatSQLiteWould(_ range: String) throws {
    let own = range.replacing("time", with: "+time").replacing("known_at", with: "+known_at")
    for entity in ["1", "entity = 'bob'", "number = \(Int64(bitPattern: SQLStore.hash("ann")))"] {
      #expect(
        try shop.numbers("SELECT time FROM timeline_clicks WHERE \(entity) AND \(range) ORDER BY time")
          == shop.numbers("SELECT time FROM timeline_clicks WHERE \(entity) AND \(own) ORDER BY time"))
    }
  }

  @Test func allEventsAreThereWithoutAnEntity() throws {
    #expect(
      try shop.rows("SELECT entity, count(*) FROM timeline_clicks GROUP BY entity ORDER BY 1") == [
        [.text("ann"), .integer(10)], [.text("bob"), .integer(20)],
      ])
    #expect(try shop.numbers("SELECT count(*) FROM timeline_clicks WHERE entity = 'carl'") == [0])
    #expect(
      try shop.numbers(
        "SELECT count(*) FROM ids_user u JOIN timeline_clicks t ON t.entity = u.id WHERE t.item IS NOT NULL") == [22])
  }
}
