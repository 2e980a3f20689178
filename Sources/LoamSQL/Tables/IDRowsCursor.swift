import LoamQuery
import LoamSchema
import LoamStore

/// One row of an ID table, found by its ID, or all of them in the order of the store.
final class IDRowsCursor: SQLCursor {
  private struct Filter {
    var content: IDRowsTable.Content
    var comparison: Comparison
    var bound: StoredNumber
  }
  private let table: IDRowsTable
  private let reader: IDTableReader
  private let embedding: EmbeddingReader?
  private let naming: IDNaming
  private var filters: [Filter] = []
  /// Shards that are to be read to their ends; none after a row was found by its ID.
  private var shards = 0..<0
  private var slots: Range<UInt32> = 0..<0
  private var row = RowReference.none
  private var id: ID = 0
  /// One row of any column, stored or as f32.
  private let scratch: UnsafeMutableRawBufferPointer

  init(_ table: IDRowsTable) throws(SQLError) {
    self.table = table
    reader = try table.view.table(table.name)
    scratch = .allocate(
      byteCount: reader.spec.columns.reduce(8) { max($0, $1.stride, $1.width * MemoryLayout<Float>.size) }, alignment: 8
    )
    embedding = table.name.kind == .embedding ? try table.view.embedding(table.name) : nil
    naming = try table.view.naming(space: table.name.name.split(separator: "/").last.map(String.init) ?? "")
  }

  deinit { scratch.deallocate() }

  var isAtEnd: Bool { row.isNone }
  var rowID: Int64 { Int64(bitPattern: id) }

  func start(_ terms: [SQLTerm]) throws(SQLError) {
    (filters, shards, slots, row) = ([], 0..<0, 0..<0, .none)
    for term in terms {
      if term.column == SQLColumn.rowID { return try find(Self.number(term.value)) }
      switch table.contents[term.column] {
      case .id: return try find(naming.id(term.value))
      case .number: return try find(Self.number(term.value))
      case let content:
        // What is no number is compared by SQLite's own rules.
        guard let bound = StoredNumber(term.value) else { continue }
        filters.append(Filter(content: content, comparison: term.comparison, bound: bound))
      }
    }
    shards = 0..<reader.shardCount
    try advance()
  }

  private static func number(_ value: SQLValue) -> ID? {
    value.integer.map { ID(bitPattern: $0) } ?? value.text.flatMap { Int64($0) }.map { ID(bitPattern: $0) }
  }

  private func find(_ wanted: ID?) throws(SQLError) {
    guard let wanted else { return }
    id = wanted
    row = try SQLError.passing { () throws(StoreError) in try reader.find(wanted) }
  }

  func advance() throws(SQLError) {
    do throws(StoreError) {
      while true {
        guard !slots.isEmpty else {
          guard let shard = shards.first else {
            row = .none
            return
          }
          shards = shards.dropFirst()
          slots = reader.slots(shard: shard)
          row = RowReference(shard: shard, slot: 0)
          continue
        }
        row = RowReference(shard: row.shard, slot: slots.removeFirst())
        guard let found = try reader.idInUse(row) else { continue }
        id = found
        if try meetsFilters() { return }
      }
    } catch { throw .query(.store(error)) }
  }

  private func meetsFilters() throws(StoreError) -> Bool {
    for filter in filters where try !isMet(filter) { return false }
    return true
  }

  private func isMet(_ filter: Filter) throws(StoreError) -> Bool {
    switch filter.content {
    case .scalar(let column):
      guard let value = try number(column) else { return true }
      return value.meets(filter.comparison, filter.bound)
    case .total(let columns): return StoredNumber.integer(try total(columns)).meets(filter.comparison, filter.bound)
    default: return true
    }
  }

  private func number(_ column: Int) throws(StoreError) -> StoredNumber? {
    var bits: UInt64 = 0
    try withUnsafeMutableBytes(of: &bits) { (bytes) throws(StoreError) in
      try reader.read(column, row, into: bytes.baseAddress!)
    }
    return withUnsafeBytes(of: bits) { StoredNumber($0.baseAddress!, reader.spec.columns[column].type) }
  }

  private func total(_ columns: [Int]) throws(StoreError) -> Int64 {
    var sum: Int64 = 0
    for column in columns { if case .integer(let count)? = try number(column) { sum &+= count } }
    return sum
  }

  func write(_ column: Int, to result: SQLResult) throws(SQLError) {
    switch table.contents[column] {
    case .id: result.value(try naming.value(id))
    case .number: result.integer(rowID)
    case .reals(let column, let isSettled):
      result.blob(UnsafeRawBufferPointer(try reals(column, isSettled)))
    case .norm(let column, let isSettled): result.real(VectorBytes.norm(try reals(column, isSettled)))
    case let content: try SQLError.passing { () throws(StoreError) in try write(content, to: result) }
    }
  }

  private func write(_ content: IDRowsTable.Content, to result: SQLResult) throws(StoreError) {
    switch content {
    case .total(let columns): result.integer(try total(columns))
    case .scalar(let column): try number(column)?.write(to: result)
    case .time(let column, let count):
      let isSeen = if case .integer(0)? = try number(count) { false } else { true }
      let time = try number(column)
      if isSeen, case .integer(let time)? = time, time != .absent { result.integer(time) } else { result.null() }
    case .bytes(let column):
      try reader.read(column, row, into: scratch.baseAddress!)
      result.blob(UnsafeRawBufferPointer(rebasing: scratch[..<reader.spec.columns[column].stride]))
    default: result.null()
    }
  }

  /// Valid until the next call.
  private func reals(_ column: Int, _ isSettled: Bool) throws(SQLError) -> UnsafeMutableBufferPointer<Float> {
    let spec = reader.spec.columns[column]
    let values = UnsafeMutableBufferPointer(rebasing: scratch.bindMemory(to: Float.self)[..<spec.width])
    if isSettled, let embedding {
      let row = row
      let settled = try SQLError.passing { () throws(QueryError) in try embedding.values(spec.name, [row]) }
      _ = values.update(from: settled)
    } else {
      let (id, reader) = (id, reader)
      try SQLError.passing { () throws(StoreError) in
        try withUnsafePointer(to: id) { (id) throws(StoreError) in
          try reader.lookup(UnsafeBufferPointer(start: id, count: 1), column: column, into: values)
        }
      }
    }
    return values
  }
}
