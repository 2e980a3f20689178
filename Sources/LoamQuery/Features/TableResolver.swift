import LoamSchema
import LoamStore

/// Turns the codes of one table's fields into places among the batch's distinct rows.
///
/// Two passes: the IDs that no batch of their window has named before are resolved together, and then each code takes
/// the place of its row. Different tables may be resolved by different threads.
final class TableResolver {
  let table: Int
  /// The fields of the table, in their order.
  private let fields: [Int]
  private let groupsByShard: Bool
  private let marks = RowMarks()
  private var batch: UInt32 = 0
  private var wanted: [(column: IDColumn, code: UInt32)] = []
  private var ids: [ID] = []
  private var found: [RowReference] = []
  private(set) var rows = FeatureBatch.Rows()
  private(set) var codes: [[UInt32]]

  init(_ definition: ModelDefinition, table: Int, groupsByShard: Bool) {
    self.table = table
    self.groupsByShard = groupsByShard
    fields = definition.fields.indices.filter { definition.fields[$0].table == table }
    codes = fields.map { _ in [] }
  }

  func resolve(_ raw: RawBatch, by resolver: any RowResolver) throws(QueryError) {
    batch += 1
    rows.references.removeAll(keepingCapacity: true)
    forEachRun(raw) { column, codes, _, _ in collect(column, codes) }
    try resolveWanted(by: resolver)
    for (index, field) in fields.enumerated() { codes[index].resize(raw.fields[field].codes.count) }
    forEachRun(raw) { column, codes, index, start in
      self.codes[index].withUnsafeMutableBufferPointer { place(column, codes, to: $0.baseAddress! + start) }
    }
    marks.clear(rows.references)
    count()
    if groupsByShard { group() }
  }

  /// Hands what was found to a batch, in exchange for memory.
  func exchange(with batch: inout FeatureBatch) {
    swap(&rows, &batch.tables[table])
    for (index, field) in fields.enumerated() { swap(&codes[index], &batch.fields[field].codes) }
  }

  /// The codes of each field and window: column, codes, index of the field in `fields`, place of the first code.
  private func forEachRun(_ raw: RawBatch, _ body: (IDColumn, UnsafeBufferPointer<UInt32>, Int, Int) -> Void) {
    for (index, field) in fields.enumerated() {
      raw.fields[field].codes.withUnsafeBufferPointer { codes in
        var start = 0
        for part in raw.parts where part.codeEnds[field] > start {
          let end = part.codeEnds[field]
          body(part.window.columns[field], UnsafeBufferPointer(rebasing: codes[start..<end]), index, start)
          start = end
        }
      }
    }
  }

  private func collect(_ column: IDColumn, _ codes: UnsafeBufferPointer<UInt32>) {
    let places = column.places
    for code in codes where places[Int(code)].row == IDColumn.Place.unresolved {
      places[Int(code)].row = IDColumn.Place.wanted
      wanted.append((column, code))
      ids.append(column.distinct[Int(code)])
    }
  }

  private func resolveWanted(by resolver: any RowResolver) throws(QueryError) {
    defer {
      wanted.removeAll(keepingCapacity: true)
      ids.removeAll(keepingCapacity: true)
    }
    guard !ids.isEmpty else { return }
    found.resize(ids.count)
    do throws(QueryError) {
      try resolver.rows(of: ids, table: table, into: &found)
    } catch {
      for (column, code) in wanted { column.places[Int(code)].row = IDColumn.Place.unresolved }
      throw error
    }
    for (index, (column, code)) in wanted.enumerated() { column.places[Int(code)].row = found[index].packed }
  }

  private func place(_ column: IDColumn, _ codes: UnsafeBufferPointer<UInt32>, to out: UnsafeMutablePointer<UInt32>) {
    let (places, batch) = (column.places, batch)
    for index in 0..<codes.count {
      let known = places + Int(codes[index])
      if known.pointee.batch != batch {
        known.pointee.place = marks.position(of: known.pointee.row, in: &rows)
        known.pointee.batch = batch
      }
      out[index] = known.pointee.place
    }
  }

  private func count() {
    rows.occurrences.resize(rows.references.count)
    rows.occurrences.withUnsafeMutableBufferPointer { occurrences in
      for place in occurrences.indices { occurrences[place] = 0 }
      for field in codes {
        field.withUnsafeBufferPointer { codes in for code in codes { occurrences[Int(code)] += 1 } }
      }
    }
  }

  /// Puts the rows of one shard side by side, each shard's in the order of first use.
  private func group() {
    let count = rows.references.count
    var starts = [Int](repeating: 0, count: (rows.references.map(\.shard).max() ?? 0) + 2)
    for row in rows.references { starts[row.shard + 1] += 1 }
    for shard in 1..<starts.count { starts[shard] += starts[shard - 1] }
    var next = starts
    rows.firstUse.resize(count)
    let (references, occurrences) = (rows.references, rows.occurrences)
    for (old, row) in references.enumerated() {
      let place = next[row.shard]
      next[row.shard] += 1
      rows.firstUse[old] = UInt32(place)
      rows.references[place] = row
      rows.occurrences[place] = occurrences[old]
    }
    rows.starts = starts
    rows.firstUse.withUnsafeBufferPointer { places in
      for index in codes.indices {
        codes[index].withUnsafeMutableBufferPointer { codes in
          for position in codes.indices { codes[position] = places[Int(codes[position])] }
        }
      }
    }
  }
}

extension [UInt32] {
  /// Elements keep what they were; new ones are 0.
  fileprivate mutating func resize(_ count: Int) { resize(count, with: 0) }
}

extension [RowReference] {
  fileprivate mutating func resize(_ count: Int) { resize(count, with: .none) }
}

extension Array {
  fileprivate mutating func resize(_ count: Int, with element: Element) {
    if count < self.count {
      removeLast(self.count - count)
    } else {
      append(contentsOf: repeatElement(element, count: count - self.count))
    }
  }
}
