import LoamQuery
import LoamStore
import SQLite
import Testing

@testable import LoamSQL

@Suite struct NearestTableTests {
  let shop: SQLStore
  init() throws { shop = try SQLStore() }

  @Test(arguments: Similarity.allCases)
  func nearestAnswersAsTheLibraryDoes(_ by: Similarity) throws {
    let reader = try #require(try EmbeddingReader(try shop.store.snapshot(), model: "ctr", space: "item"))
    let expected = try #require(try reader.nearest(to: 9, count: 5, by: by))
    let rows = try shop.rows("SELECT id, value FROM nearest('ctr/item', 9, 5, '\(by)')")
    #expect(rows == expected.map { [.integer(Int64($0.id)), .real(Double($0.value))] })
    let order = by == .l2 ? "ASC" : "DESC"
    let computed = try shop.numbers(
      """
      SELECT b.number FROM embedding_ctr_item a, embedding_ctr_item b WHERE a.id = 9 AND b.id <> 9
      ORDER BY \(by)(a.vector, b.vector) \(order), b.number LIMIT 5
      """)
    #expect(computed == expected.map { Int64($0.id) })
  }

  @Test func nearestTakesAVectorAndJoinsWithCounts() throws {
    let rows = try shop.rows(
      """
      SELECT n.rank, n.id, c.count FROM nearest('embedding_ctr_item', vector_of('[9, 1, -1, 0.5]'), 2, 'l2') n
      JOIN ids_item c USING (number) ORDER BY n.rank
      """)
    #expect(rows == [[.integer(1), .integer(9), .integer(9)], [.integer(2), .integer(8), .integer(9)]])
    #expect(try shop.rows("SELECT * FROM nearest('ctr/item', 4000)").isEmpty)
  }

  @Test func whatNearestCannotUseIsRefused() {
    #expect(shop.message("SELECT * FROM nearest('ctr/itme', 1)").contains("Did you mean 'ctr/item'?"))
    #expect(shop.message("SELECT * FROM nearest('ctr/item', 1, 0)").contains("1 to 10000"))
    #expect(shop.message("SELECT * FROM nearest('ctr/item', 1, 5, 'cos')").contains("'cosine', 'dot' or 'l2'"))
    #expect(shop.message("SELECT * FROM nearest('ctr/item', x'00')").contains("4 elements"))
    #expect(!shop.message("SELECT * FROM nearest('ctr/item')").isEmpty)
  }

  @Test func functionsOfVectorsKnowNullAndRefuseOtherWidths() throws {
    #expect(
      try shop.rows("SELECT l2(vector_of('[0, 0]'), vector_of('[3, 4]')), cosine(NULL, vector_of('[1]'))")
        == [[.real(5), .null]])
    #expect(try shop.rows("SELECT vector_json(vector_of(' [1, -0.5]'))") == [[.text("[1.0,-0.5]")]])
    #expect(shop.message("SELECT dot(vector_of('[1]'), vector_of('[1, 2]'))").contains("1 and 2 elements"))
    #expect(shop.message("SELECT cosine('a', 'b')").contains("BLOBs of f32"))
    #expect(shop.message("SELECT vector_of('[1, x]')").contains("list of numbers"))
  }
}
