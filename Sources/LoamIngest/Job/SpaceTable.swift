import LoamSchema
import LoamStore

/// The table of an ID space, with the columns that belong to one log.
struct SpaceTable {
  let table: IDTableWriter
  private let count: Int
  private let first: Int
  private let last: Int
  private(set) var newIDs = 0

  static func spec(_ space: String, log: String) -> TableSpec {
    TableSpec(
      TableName(.ids, space),
      columns: [
        ColumnSpec("count/\(log)", .u64), ColumnSpec("first/\(log)", .i64), ColumnSpec("last/\(log)", .i64),
      ])
  }

  init(_ write: Write, _ space: String, log: String) throws(StoreError) {
    table = try IDTableWriter(write, write.spec(TableName(.ids, space)))
    count = try table.columnIndex("count/\(log)")
    first = try table.columnIndex("first/\(log)")
    last = try table.columnIndex("last/\(log)")
  }

  /// Adds what a chunk has seen, in order of first appearance: the order of slots, whatever the cutting.
  ///
  /// - Parameters:
  ///   - tallies: of the fields that share the space, in the order of fields.
  ///   - timeOffset: what their times are short of: the number of the chunk's first row where the log has no time.
  mutating func add(_ tallies: [SpaceTally], timeOffset: Int64) throws(StoreError) {
    let rowsBefore = table.rowCount
    let order = SpaceOrder(tallies)
    let ids = UnsafeMutableBufferPointer<ID>.allocate(capacity: order.count)
    let rows = UnsafeMutableBufferPointer<RowReference>.allocate(capacity: order.count)
    defer {
      ids.deallocate()
      rows.deallocate()
    }
    rows.initialize(repeating: .none)
    order.forEach { ids.initializeElement(at: $0, to: $1.entries[$2].id) }
    if tallies.first?.isString == true {
      let strings = UnsafeMutableBufferPointer<UnsafeRawBufferPointer>.allocate(capacity: order.count)
      defer { strings.deallocate() }
      order.forEach { strings.initializeElement(at: $0, to: UnsafeRawBufferPointer($1.text($2).bytes)) }
      try table.findOrInsert(UnsafeBufferPointer(ids), utf8: UnsafeBufferPointer(strings), into: rows)
    } else {
      try table.findOrInsert(UnsafeBufferPointer(ids), into: rows)
    }
    newIDs += table.rowCount - rowsBefore
    try table.update([count, first, last], UnsafeBufferPointer(rows)) { group in
      let counts = group.rows(0, of: UInt64.self)
      let (firsts, lasts) = (group.rows(1, of: Int64.self), group.rows(2, of: Int64.self))
      for place in 0..<group.count {
        let (tally, code) = order[group.first + place]
        let entry = tally.entries[code]
        let (from, to) = (entry.first + timeOffset, entry.last + timeOffset)
        let isNew = counts[place]!.pointee == 0
        counts[place]!.pointee += entry.count
        firsts[place]!.pointee = isNew ? from : min(firsts[place]!.pointee, from)
        lasts[place]!.pointee = isNew ? to : max(lasts[place]!.pointee, to)
      }
    }
  }

  func rebase() throws(StoreError) { try table.rebase() }
}

/// The entries of several tallies by the row of their first appearance, and by field where that is the same.
private struct SpaceOrder {
  private let tallies: [SpaceTally]
  /// Tally and code; empty where there is one tally, whose order it is.
  private let places: [(tally: Int, code: Int)]

  init(_ tallies: [SpaceTally]) {
    self.tallies = tallies
    guard tallies.count > 1 else {
      places = []
      return
    }
    let all = tallies.indices.flatMap { tally in tallies[tally].entries.indices.map { (tally: tally, code: $0) } }
    places = all.sorted { a, b in
      let (rowA, rowB) = (tallies[a.tally].entries[a.code].row, tallies[b.tally].entries[b.code].row)
      return (rowA, a.tally, a.code) < (rowB, b.tally, b.code)
    }
  }

  var count: Int { tallies.count == 1 ? tallies[0].entries.count : places.count }

  @inline(__always)
  subscript(position: Int) -> (tally: SpaceTally, code: Int) {
    if places.isEmpty { return (tallies[0], position) }
    return (tallies[places[position].tally], places[position].code)
  }

  func forEach(_ body: (Int, SpaceTally, Int) -> Void) {
    for position in 0..<count {
      let (tally, code) = self[position]
      body(position, tally, code)
    }
  }
}
