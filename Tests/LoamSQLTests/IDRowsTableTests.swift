import Foundation
import LoamStore
import SQLite
import Testing

@testable import LoamSQL

@Suite struct IDRowsTableTests {
  let shop: SQLStore
  init() throws { shop = try SQLStore() }

  @Test func idsAreWrittenAsInTheLogAndFoundByIDNumberAndRowNumber() throws {
    let ann = Int64(bitPattern: SQLStore.hash("ann"))
    let row: [SQLiteValue] = [.text("ann"), .integer(ann), .integer(3)]
    #expect(try shop.rows("SELECT id, number, count FROM ids_user WHERE id = 'ann'") == [row])
    #expect(try shop.rows("SELECT id FROM ids_user WHERE number = \(ann)") == [[.text("ann")]])
    #expect(try shop.rows("SELECT id FROM ids_user WHERE rowid = \(ann)") == [[.text("ann")]])
    #expect(try shop.rows("SELECT id FROM ids_user WHERE id = 7") == [[.text("7")]])
    #expect(try shop.rows("SELECT id FROM ids_user WHERE id = 'carl'").isEmpty)
    #expect(try shop.rows("SELECT id, number FROM ids_item WHERE id = 5") == [[.integer(5), .integer(5)]])
    #expect(try shop.rows("SELECT id FROM ids_item WHERE id = '5'") == [[.integer(5)]])
    #expect(try shop.numbers("SELECT id FROM ids_item WHERE id IN (3, 400, 8) ORDER BY id") == [3, 8])
    #expect(try shop.rows("SELECT id FROM ids_item WHERE id = NULL").isEmpty)
  }

  @Test func anIDBeyondSQLitesIntegersIsATextAndANegativeNumber() throws {
    let rows: [[SQLiteValue]] = [[.text("18446744073709551608"), .integer(-8)]]
    #expect(try shop.rows("SELECT id, number FROM ids_item WHERE number < 0") == rows)
    #expect(try shop.rows("SELECT id, number FROM ids_item WHERE id = '18446744073709551608'") == rows)
    #expect(try shop.rows("SELECT id, number FROM ids_item WHERE rowid = -8") == rows)
  }

  @Test func countsAreThereByLogAndInAll() throws {
    let rows = try shop.rows(
      "SELECT count, count_train, count_valid, first_valid, last_train FROM ids_item WHERE id IN (4, 5) ORDER BY id")
    #expect(rows[0] == [.integer(5), .integer(4), .integer(1), .integer(7), .integer(400)])
    // The fifth item is in no valid log: it has no time there.
    #expect(rows[1] == [.integer(5), .integer(5), .integer(0), .null, .integer(500)])
    #expect(try shop.numbers("SELECT sum(count) FROM ids_item") == [Int64(40 * 41 / 2 + 20)])
  }

  @Test(arguments: ["=", "<", "<=", ">", ">="])
  func aConstraintOfACountSelectsWhatSQLiteWould(_ comparison: String) throws {
    for bound in ["20", "20.5", "'20'", "-1", "NULL", "x'00'"] {
      // A cast keeps SQLite from handing the constraint over.
      let (pushed, own) = (
        "count_train \(comparison) \(bound)", "CAST(count_train AS INTEGER) \(comparison) \(bound)"
      )
      #expect(
        try shop.numbers("SELECT number FROM ids_item WHERE \(pushed)")
          == shop.numbers("SELECT number FROM ids_item WHERE \(own)"), "\(pushed)")
    }
  }

  @Test func plansShowWhatIsPushedDownAndWhatIsRead() throws {
    #expect(try shop.plan("SELECT count FROM ids_item WHERE id = 3").contains("VIRTUAL TABLE INDEX 1:id=?"))
    let scan = try shop.plan("SELECT count FROM ids_item WHERE count_train > 3 AND count < 9")
    #expect(scan.contains("count_train>?") && scan.contains("count<?") && !scan.contains("reads"))
    #expect(try shop.plan("SELECT id FROM embedding_ctr_item WHERE number = 3").hasSuffix("1:number=?"))
    #expect(try shop.plan("SELECT vector FROM embedding_ctr_item WHERE number = 3").hasSuffix("number=? reads vector"))
    #expect(try shop.plan("SELECT norm FROM embedding_ctr_item").contains("reads norm"))
    let join = try shop.plan(
      "SELECT c.count, e.vector FROM embedding_ctr_item e JOIN ids_item c ON c.number = e.number WHERE c.count > 10")
    #expect(join.contains("number=?"), "\(join)")
  }

  @Test func vectorsAreBlobsOfTheirElementsWithANorm() throws {
    let row = try shop.rows("SELECT vector, norm, weight, vector_m FROM embedding_ctr_item WHERE id = 9")[0]
    #expect(row[0] == .blob(VectorBytes.bytes(SQLStore.vector(9))))
    #expect(row[1] == .real(SQLStore.vector(9).reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()))
    #expect(row[2] == .real(0) && row[3] == .blob([UInt8](repeating: 0, count: 16)))
    #expect(try shop.numbers("SELECT count(*) FROM embedding_ctr_item") == [40])
  }

  @Test func aRowThatWasRemovedIsNotShown() throws {
    let spec = try #require(try shop.store.snapshot().spec(TableName(.ids, "item")))
    let write = try shop.store.begin([spec])
    let table = try IDTableWriter(write, spec)
    try table.remove(11)
    try table.flush()
    try write.publish()
    try shop.connection.attach(try shop.store.snapshot())
    #expect(try shop.numbers("SELECT count(*) FROM ids_item") == [40])
    #expect(try shop.numbers("SELECT count(*) FROM ids_item WHERE id = 11") == [0])
  }
}
