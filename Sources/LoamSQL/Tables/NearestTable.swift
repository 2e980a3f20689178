import LoamQuery
import LoamSchema
import LoamStore

/// `nearest(TABLE, ID or vector [, k [, by]])`: the rows of an embedding table whose vectors are nearest, best first.
///
/// Exact: compares with every row. `by` is `cosine` (where not given), `dot` or `l2`.
final class NearestTable: SQLTable {
  static let (rank, id, number, value, table, query, count, by) = (0, 1, 2, 3, 4, 5, 6, 7)
  static let countMax: Int64 = 10_000

  private unowned let connection: StoreConnection
  let columns = [
    SQLColumn(name: "rank", type: "INTEGER"), SQLColumn(name: "id"), SQLColumn(name: "number", type: "INTEGER"),
    SQLColumn(name: "value", type: "REAL"), SQLColumn(name: "of_table", isHidden: true),
    SQLColumn(name: "of_id", isHidden: true), SQLColumn(name: "k", isHidden: true),
    SQLColumn(name: "by", isHidden: true),
  ]
  let rowCount = 10
  let required = [table, query]

  init(_ connection: StoreConnection) { self.connection = connection }

  func use(of column: Int, _ comparison: Comparison) -> ConstraintUse? {
    column >= Self.table && comparison == .equal ? ConstraintUse(rows: 10, isExact: true) : nil
  }

  func isOrdered(by column: Int, descending: Bool, constrained: [Int]) -> Bool {
    column == Self.rank && !descending
  }

  func cursor() throws(SQLError) -> any SQLCursor { NearestCursor(connection) }

  /// MODEL/SPACE, or a table's name in SQL.
  static func find(_ name: String, _ connection: StoreConnection) throws(SQLError) -> (StoreView, TableName) {
    var known: [String] = []
    for store in connection.attached {
      for table in store.view.names where table.kind == .embedding {
        let sqlName = connection.sqlName(table, store.view)
        if [table.name, table.description, sqlName].contains(name) { return (store.view, table) }
        known += [table.name] + (sqlName.map { [$0] } ?? [])
      }
    }
    throw .sql(
      .unknownTable, "nearest: there is no embedding table '\(name)'",
      hint: connection.attached.isEmpty
        ? "Open a store first: SELECT loam_open('STORE')."
        : nearestName(to: name, among: known).map { "Did you mean '\($0)'?" }
          ?? (known.isEmpty ? "The store has none." : "There are: \(known.joined(separator: ", "))."))
  }
}

private final class NearestCursor: SQLCursor {
  private let connection: StoreConnection
  private var found: [EmbeddingReader.Neighbour] = []
  private var place = 0
  private var naming: IDNaming?
  private var given: [Int: SQLValue] = [:]

  init(_ connection: StoreConnection) { self.connection = connection }

  var isAtEnd: Bool { place >= found.count }
  func advance() { place += 1 }
  var rowID: Int64 { Int64(place) }

  func start(_ terms: [SQLTerm]) throws(SQLError) {
    (found, place) = ([], 0)
    given = Dictionary(terms.map { ($0.column, $0.value) }) { first, _ in first }
    guard let name = given[NearestTable.table]?.text else {
      throw .sql(.badArgument, "nearest needs the name of a table", hint: "nearest('MODEL/SPACE', ID, 10)")
    }
    let (view, table) = try NearestTable.find(name, connection)
    let count = (given[NearestTable.count] ?? .integer(10)).integer
    guard let count, (1...NearestTable.countMax).contains(count) else {
      throw .sql(.badArgument, "nearest finds 1 to \(NearestTable.countMax) neighbours")
    }
    let similarity = given[NearestTable.by].map { $0.text.flatMap(Similarity.init(rawValue:)) } ?? .cosine
    guard let similarity else {
      throw .sql(.badArgument, "nearest compares by 'cosine', 'dot' or 'l2'")
    }
    let reader = try view.embedding(table)
    let naming = try view.naming(space: table.name.split(separator: "/").last.map(String.init) ?? "")
    self.naming = naming
    guard reader.dimension > 0 else { throw .sql(.badArgument, "\(table.name) has no vectors") }
    switch given[NearestTable.query] ?? .null {
    case .null: return
    case .blob(let bytes):
      guard bytes.count == reader.dimension * 4 else {
        throw .sql(
          .badArgument, "a vector of \(bytes.count) bytes, \(table.name) has \(reader.dimension) elements of f32")
      }
      found = try SQLError.passing { () throws(QueryError) in
        try reader.nearest(to: VectorBytes.floats(bytes), count: Int(count), by: similarity)[0]
      }
    case let value:
      // An ID without a row has no neighbours, as a key without a row joins nothing.
      guard let id = naming.id(value) else { return }
      found =
        try SQLError.passing { () throws(QueryError) in
          try reader.nearest(to: id, count: Int(count), by: similarity)
        } ?? []
    }
  }

  func write(_ column: Int, to result: SQLResult) throws(SQLError) {
    let neighbour = found[place]
    switch column {
    case NearestTable.rank: result.integer(Int64(place + 1))
    case NearestTable.id: result.value(try naming?.value(neighbour.id) ?? .null)
    case NearestTable.number: result.integer(Int64(bitPattern: neighbour.id))
    case NearestTable.value: result.real(Double(neighbour.value))
    default: result.value(given[column] ?? .null)
    }
  }
}
