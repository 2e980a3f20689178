import SQLite
import Testing

@testable import LoamSQL

@Suite struct LogTableTests {
  let shop: SQLStore
  init() throws { shop = try SQLStore() }

  @Test func rowsHaveTheirValuesAsTheyAreWritten() throws {
    #expect(
      try shop.rows("SELECT row, label_click, time_event, id_user, id_basket FROM log_train") == [
        [.integer(0), .real(1), .integer(5), .text("ann"), .text("[[3,1.0],[9,0.5]]")],
        [.integer(1), .real(0), .integer(6), .text("bob"), .text("[]")],
        [.integer(2), .null, .null, .null, .text("[[9,2.0]]")],
        [.integer(3), .real(1), .integer(8), .text("ann"), .text("[]")],
      ])
  }

  @Test(arguments: [
    "row = 2", "row < 2", "row <= 2", "row > 2", "row >= 2", "row BETWEEN 1 AND 2", "row = 9", "row < -1",
    "row > 1.5", "row = 9223372036854775807", "row > 9223372036854775807",
  ])
  func aRangeOfRowsSelectsWhatSQLiteWould(_ range: String) throws {
    #expect(
      try shop.numbers("SELECT row FROM log_train WHERE \(range)")
        == shop.numbers("SELECT row FROM log_train WHERE \(range.replacing("row", with: "+row"))"))
    #expect(
      try shop.numbers("SELECT row FROM log_train WHERE \(range)")
        == shop.numbers("SELECT rowid FROM log_train WHERE \(range.replacing("row", with: "rowid"))"))
  }

  @Test func onlyTheColumnsThatAreAskedForAreRead() throws {
    let plan = try shop.plan("SELECT label_click FROM log_train WHERE row < 3")
    #expect(plan.hasSuffix("row<? reads label_click"), "\(plan)")
    #expect(try shop.plan("SELECT count(*) FROM log_train").contains("reads") == false)
  }
}
