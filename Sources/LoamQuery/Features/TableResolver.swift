import LoamKernels

/// Turns the codes of one table's fields into places among the batch's distinct rows. Different tables may be resolved
/// by different threads.
final class TableResolver {
  let table: Int
  /// The fields of the table, in their order.
  private let fields: [Int]
  private let groupsByShard: Bool
  private let distinctCodes = DistinctCodes()
  private let distinctRows = DistinctRows()
  /// Of each distinct code.
  private var places: [UInt32] = []
  private(set) var rows = FeatureBatch.Rows()
  private(set) var codes: [[UInt32]]

  init(_ definition: ModelDefinition, table: Int, groupsByShard: Bool) {
    self.table = table
    self.groupsByShard = groupsByShard
    fields = definition.fields.indices.filter { definition.fields[$0].table == table }
    codes = fields.map { _ in [] }
  }

  func resolve(_ raw: RawBatch, by resolver: any RowResolver) throws(QueryError) {
    distinctCodes.begin(fields.reduce(0) { $0 + raw.codeCount($1) })
    for (index, field) in fields.enumerated() { number(raw, field, into: &codes[index]) }
    try distinctCodes.findRows(by: resolver, table: table)
    place()
    places.withUnsafeBufferPointer { places in
      for index in codes.indices {
        codes[index].withUnsafeMutableBufferPointer { loam_translate($0.baseAddress, $0.count, places.baseAddress) }
      }
    }
  }

  /// Hands what was found to a batch, in exchange for memory.
  func exchange(with batch: inout FeatureBatch) {
    swap(&rows, &batch.tables[table])
    for (index, field) in fields.enumerated() { swap(&codes[index], &batch.fields[field].codes) }
  }

  /// The numbers of a field's codes, window by window.
  private func number(_ raw: RawBatch, _ field: Int, into numbers: inout [UInt32]) {
    numbers.resize(raw.codeCount(field), with: 0)
    numbers.withUnsafeMutableBufferPointer { numbers in
      var start = 0
      raw.forEachRun(field) { column, codes in
        distinctCodes.number(column, codes, to: numbers.baseAddress! + start)
        start += codes.count
      }
    }
  }

  /// Lists the distinct rows; where asked for, those of one shard side by side, each shard's in the order of first use.
  private func place() {
    places.resize(distinctCodes.count, with: 0)
    distinctRows.begin(distinctCodes.count)
    places.withUnsafeMutableBufferPointer { places in
      guard let start = places.baseAddress else { return }
      distinctRows.place(distinctCodes, to: start)
    }
    guard groupsByShard else { return distinctRows.copy(to: &rows) }
    distinctRows.group(to: &rows)
    rows.firstUse.withUnsafeBufferPointer { firstUse in
      places.withUnsafeMutableBufferPointer { loam_translate($0.baseAddress, $0.count, firstUse.baseAddress) }
    }
  }
}
