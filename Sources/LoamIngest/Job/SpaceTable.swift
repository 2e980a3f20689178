import LoamKernels
import LoamSchema
import LoamStore

/// The table of an ID space, with the columns that belong to one log.
struct SpaceTable {
  private let table: IDTableWriter
  private let count: Int
  private let first: Int
  private let last: Int
  /// `nil`: every ID is counted, exactly.
  private let estimated: EstimatedSpace?
  private(set) var newIDs = 0

  static func spec(_ space: String, log: String) -> TableSpec {
    TableSpec(
      TableName(.ids, space),
      columns: [
        ColumnSpec(count(log), .u64), ColumnSpec("first/\(log)", .i64), ColumnSpec("last/\(log)", .i64),
      ])
  }

  static func count(_ log: String) -> String { "count/\(log)" }

  /// All that are to be flushed and rebased.
  var tables: [IDTableWriter] { [table] + (estimated.map { [$0.writer.table] } ?? []) }

  init(_ write: Write, _ space: String, _ plan: RowPlan, log: String) throws(StoreError) {
    table = try IDTableWriter(write, write.spec(TableName(.ids, space)))
    estimated = try EstimatedSpace(write, space, plan, log: log)
    count = try table.columnIndex(Self.count(log))
    first = try table.columnIndex("first/\(log)")
    last = try table.columnIndex("last/\(log)")
  }

  /// Adds what a chunk has seen.
  ///
  /// - Parameters:
  ///   - tallies: of the fields that share the space, in the order of fields.
  ///   - timeOffset: what their times are short of: the number of the chunk's first row where the log has no time.
  mutating func add(_ chunk: ParsedChunk, _ tallies: [SpaceTally], timeOffset: Int64) throws(StoreError) {
    let rowsBefore = table.rowCount
    if let estimated {
      try add(estimated.count(chunk.group, timeOffset: timeOffset), tallies)
    } else {
      try add(tallies, timeOffset: timeOffset)
    }
    newIDs += table.rowCount - rowsBefore
  }

  /// In order of first appearance: the order of slots, whatever the cutting.
  private func add(_ tallies: [SpaceTally], timeOffset: Int64) throws(StoreError) {
    let order = SpaceOrder(tallies)
    let ids = UnsafeMutableBufferPointer<ID>.allocate(capacity: order.count)
    let rows = UnsafeMutableBufferPointer<RowReference>.allocate(capacity: order.count)
    defer {
      ids.deallocate()
      rows.deallocate()
    }
    rows.initialize(repeating: .none)
    for position in 0..<order.count { ids.initializeElement(at: position, to: order[position].id) }
    if tallies.first?.isString == true {
      let strings = UnsafeMutableBufferPointer<UnsafeRawBufferPointer>.allocate(capacity: order.count)
      defer { strings.deallocate() }
      for position in 0..<order.count {
        strings.initializeElement(at: position, to: UnsafeRawBufferPointer(order.text(position).bytes))
      }
      try table.findOrInsert(UnsafeBufferPointer(ids), utf8: UnsafeBufferPointer(strings), into: rows)
    } else {
      try table.findOrInsert(UnsafeBufferPointer(ids), into: rows)
    }
    try table.update([count, first, last], UnsafeBufferPointer(rows)) { group in
      let counts = group.rows(0, of: UInt64.self)
      let (firsts, lasts) = (group.rows(1, of: Int64.self), group.rows(2, of: Int64.self))
      for place in 0..<group.count {
        let entry = order[group.first + place]
        let (from, to) = (entry.first + timeOffset, entry.last + timeOffset)
        let isNew = counts[place]!.pointee == 0
        counts[place]!.pointee += entry.count
        firsts[place]!.pointee = isNew ? from : min(firsts[place]!.pointee, from)
        lasts[place]!.pointee = isNew ? to : max(lasts[place]!.pointee, to)
      }
    }
  }

  private func add(_ admitted: [EstimatedSpace.Admitted], _ tallies: [SpaceTally]) throws(StoreError) {
    if admitted.isEmpty { return }
    var rows = [RowReference](repeating: .none, count: admitted.count)
    let strings = strings(of: admitted, tallies)
    try admitted.map(\.id).withUnsafeBufferPointer { (ids) throws(StoreError) in
      try rows.withUnsafeMutableBufferPointer { (rows) throws(StoreError) in
        guard let strings else { return try table.findOrInsert(ids, into: rows) }
        try strings.withUnsafeBufferPointer { (strings) throws(StoreError) in
          try table.findOrInsert(ids, utf8: strings, into: rows)
        }
      }
    }
    try rows.withUnsafeBufferPointer { (rows) throws(StoreError) in
      try table.update([count, first, last], rows) { group in
        for place in 0..<group.count {
          let one = admitted[group.first + place]
          let count = group.rows(0, of: UInt64.self)[place]!
          let (first, last) = (group.rows(1, of: Int64.self)[place]!, group.rows(2, of: Int64.self)[place]!)
          let isNew = count.pointee == 0
          count.pointee = isNew ? UInt64(one.estimate) : count.pointee + 1
          first.pointee = isNew ? one.time : min(first.pointee, one.time)
          last.pointee = isNew ? one.time : max(last.pointee, one.time)
        }
      }
    }
  }

  /// `nil` where the IDs are integers.
  private func strings(
    of admitted: [EstimatedSpace.Admitted], _ tallies: [SpaceTally]
  ) -> [UnsafeRawBufferPointer]? {
    guard tallies.first?.isString == true else { return nil }
    let wanted = Set(admitted.lazy.map(\.id))
    var texts: [ID: UnsafeRawBufferPointer] = [:]
    for tally in tallies {
      for (code, entry) in tally.entries.enumerated() where wanted.contains(entry.id) {
        texts[entry.id] = UnsafeRawBufferPointer(tally.text(code).bytes)
      }
    }
    return admitted.map { texts[$0.id]! }
  }

  func rebase() throws(StoreError) { for table in tables { try table.rebase() } }
}

/// The entries of several tallies by the row of their first appearance, and by field where that is the same.
private struct SpaceOrder {
  private let tallies: [SpaceTally]
  /// Of each tally.
  private let entries: [UnsafeBufferPointer<loam_tally_entry>]
  /// Tally and code; empty where there is one tally, whose order it is.
  private let places: [(tally: Int, code: Int)]

  init(_ tallies: [SpaceTally]) {
    self.tallies = tallies
    let entries = tallies.map(\.entries)
    self.entries = entries
    guard tallies.count > 1 else {
      places = []
      return
    }
    let all = entries.indices.flatMap { tally in entries[tally].indices.map { (tally: tally, code: $0) } }
    places = all.sorted { a, b in
      let (rowA, rowB) = (entries[a.tally][a.code].row, entries[b.tally][b.code].row)
      return (rowA, a.tally, a.code) < (rowB, b.tally, b.code)
    }
  }

  var count: Int { entries.count == 1 ? entries[0].count : places.count }

  @inline(__always)
  subscript(position: Int) -> loam_tally_entry {
    if places.isEmpty { return entries[0][position] }
    return entries[places[position].tally][places[position].code]
  }

  func text(_ position: Int) -> Record.Text {
    if places.isEmpty { return tallies[0].text(position) }
    return tallies[places[position].tally].text(places[position].code)
  }
}
