import LoamSchema
import LoamStore

/// The pairs of a timeline, each from both sides: `item`, `neighbour`, `count`, and `number`, that of the neighbour.
///
/// The neighbours of one item are found at once and come with the highest counts first.
final class PairsTable: SQLTable {
  static let (item, neighbour, count, number) = (0, 1, 2, 3)

  private let view: StoreView
  private let name: String
  private let field: String
  let columns = [
    SQLColumn(name: "item"), SQLColumn(name: "neighbour"), SQLColumn(name: "count", type: "INTEGER"),
    SQLColumn(name: "number", type: "INTEGER"),
  ]
  let rowCount: Int

  init(_ view: StoreView, _ name: String) throws(SQLError) {
    (self.view, self.name) = (view, name)
    field = try view.spec(TableName(.pairs, name)).pairField ?? ""
    rowCount = 2 * Int(clamping: view.snapshot.record.tables["pairs:\(name)"]?.rows ?? 0)
  }

  func use(of column: Int, _ comparison: Comparison) -> ConstraintUse? {
    column == Self.item && comparison == .equal ? ConstraintUse(rows: min(rowCount, 20), isExact: true) : nil
  }

  func isOrdered(by column: Int, descending: Bool, constrained: [Int]) -> Bool {
    column == Self.count && descending && constrained.contains(Self.item)
  }

  func cursor() throws(SQLError) -> any SQLCursor {
    PairsCursor(try view.pairs(name), try view.naming(field: field))
  }
}

private final class PairsCursor: SQLCursor {
  private let reader: PairReader
  private let naming: IDNaming
  private var items: ArraySlice<ID> = []
  private var neighbours: ArraySlice<PairReader.Neighbour> = []
  private var passed: Int64 = 0

  init(_ reader: PairReader, _ naming: IDNaming) { (self.reader, self.naming) = (reader, naming) }

  var isAtEnd: Bool { items.isEmpty }
  /// Counts rows; not the same from query to query.
  var rowID: Int64 { passed }

  func start(_ terms: [SQLTerm]) {
    passed = 0
    if let term = terms.first {
      let wanted = naming.id(term.value)
      items = terms.allSatisfy { naming.id($0.value) == wanted } ? (wanted.map { [$0] } ?? [])[...] : []
    } else {
      items = reader.ids.sorted()[...]
    }
    neighbours = []
    turn()
  }

  func advance() {
    passed += 1
    neighbours.removeFirst()
    if neighbours.isEmpty {
      items.removeFirst()
      turn()
    }
  }

  private func turn() {
    while let item = items.first {
      neighbours = reader.neighbours(of: item)[...]
      if !neighbours.isEmpty { return }
      items.removeFirst()
    }
  }

  func write(_ column: Int, to result: SQLResult) throws(SQLError) {
    guard let item = items.first, let neighbour = neighbours.first else { return result.null() }
    switch column {
    case PairsTable.item: result.value(try naming.value(item))
    case PairsTable.neighbour: result.value(try naming.value(neighbour.id))
    case PairsTable.count: result.integer(Int64(clamping: neighbour.count))
    default: result.integer(Int64(bitPattern: neighbour.id))
    }
  }
}
