import LoamKernels
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
  private let distinct = DistinctRows()
  private var batch: UInt32 = 0
  /// IDs to be resolved, and how many of them each column asks for.
  private var ids: [ID] = []
  private var wanted: [(column: IDColumn, count: Int)] = []
  private var wantedCodes: [UInt32] = []
  private var listed: [UInt32] = []
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
    forEachRun(raw) { column, codes, _, _ in collect(column, codes) }
    try resolveWanted(by: resolver)
    distinct.begin(fields.reduce(0) { $0 + raw.fields[$1].codes.count })
    for (index, field) in fields.enumerated() { codes[index].resize(raw.fields[field].codes.count, with: 0) }
    forEachRun(raw) { column, codes, index, start in
      self.codes[index].withUnsafeMutableBufferPointer {
        distinct.place(column, codes, batch: batch, marks, to: $0.baseAddress! + start)
      }
    }
    distinct.clear(marks)
    if groupsByShard { group() } else { distinct.copy(to: &rows) }
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
    guard column.unresolvedCount > 0 else { return }
    if listed.count < codes.count { listed.resize(codes.count, with: 0) }
    let count = listed.withUnsafeMutableBufferPointer {
      loam_list_unresolved(column.known, codes.baseAddress, codes.count, $0.baseAddress)
    }
    guard count > 0 else { return }
    column.unresolvedCount -= count
    let new = listed[..<count]
    wanted.append((column, count))
    wantedCodes += new
    column.distinct.withUnsafeBufferPointer { all in ids += new.lazy.map { all[Int($0)] } }
  }

  private func resolveWanted(by resolver: any RowResolver) throws(QueryError) {
    defer {
      wanted.removeAll(keepingCapacity: true)
      wantedCodes.removeAll(keepingCapacity: true)
      ids.removeAll(keepingCapacity: true)
    }
    guard !ids.isEmpty else { return }
    found.resize(ids.count, with: .none)
    do throws(QueryError) {
      try resolver.rows(of: ids, table: table, into: &found)
    } catch {
      forEachWanted { known, _ in known.row = loam_id_unresolved }
      for (column, count) in wanted { column.unresolvedCount += count }
      throw error
    }
    marks.reserve(found)
    found.withUnsafeBufferPointer { found in forEachWanted { known, index in known.row = found[index].packed } }
  }

  private func forEachWanted(_ body: (inout loam_known_id, Int) -> Void) {
    var first = 0
    for (column, count) in wanted {
      let known = column.known
      wantedCodes.withUnsafeBufferPointer { codes in
        for index in first..<first + count { body(&known[Int(codes[index])], index) }
      }
      first += count
    }
  }

  /// Puts the rows of one shard side by side, each shard's in the order of first use.
  private func group() {
    distinct.group(shards: marks.shardCount, to: &rows)
    rows.firstUse.withUnsafeBufferPointer { places in
      for index in codes.indices {
        codes[index].withUnsafeMutableBufferPointer { loam_translate($0.baseAddress, $0.count, places.baseAddress) }
      }
    }
  }
}
