import LoamSchema
import LoamStore

/// Some row groups in memory, column by column, from which batches of any rows are put together.
///
/// Each distinct ID of a group is resolved once, when a batch first names it: training admits IDs in reading order.
final class FeatureWindow {
  private struct Column {
    var distinct: [ID] = []
    /// Index into `distinct`, or `CodedIDs.missing`.
    var codes: [UInt32] = []
    var offsets: [UInt32] = []
    var weights: [Float] = []
    /// For each distinct ID its row, packed, or `unresolved`.
    var resolved: [UInt64] = []
    static let unresolved: UInt64 = .max - 1
  }
  let definition: ModelDefinition
  private(set) var rowCount = 0
  private var columns: [Column]
  private var missing: [UInt64]
  private var labels: [[Float]]
  private var weights: [Float] = []
  private var dense: [Float] = []
  private let marks: RowMarks

  init(_ definition: ModelDefinition) {
    self.definition = definition
    columns = definition.fields.map { _ in Column() }
    labels = definition.labels.map { _ in [] }
    missing = definition.tables.map { _ in Column.unresolved }
    marks = RowMarks(tables: definition.tables.count)
  }

  /// The columns of a log that the definition asks for.
  static func columnNames(_ definition: ModelDefinition) -> Set<String> {
    Set(
      definition.labels.map { "label/\($0)" } + definition.dense.map { "dense/\($0.name)" }
        + definition.fields.map { "id/\($0.name)" } + ["weight"])
  }

  /// Replaces the rows by those of `groups`, one after the other.
  ///
  /// - Parameter place: names the log or file in refusals.
  func load(_ groups: [RowGroup], place: String) throws(QueryError) {
    rowCount = groups.reduce(0) { $0 + $1.rowCount }
    for (index, field) in definition.fields.enumerated() {
      columns[index] = try Self.join(groups, field: field, place: place)
    }
    for (index, name) in definition.labels.enumerated() { labels[index] = Self.label(groups, name) }
    loadDense(groups)
    weights = []
    if groups.contains(where: { $0.columns["weight"] != nil }) {
      weights.reserveCapacity(rowCount)
      for group in groups {
        if case .real(let values)? = group.columns["weight"] {
          weights += values.map { $0.isNaN ? 1 : $0 }
        } else {
          weights += repeatElement(1, count: group.rowCount)
        }
      }
    }
    for index in missing.indices { missing[index] = Column.unresolved }
  }

  private static func join(_ groups: [RowGroup], field: FieldDefinition, place: String) throws(QueryError) -> Column {
    var column = Column()
    if field.shape != .single { column.offsets = [0] }
    for group in groups {
      guard case .ids(let ids)? = group.columns["id/\(field.name)"] else {
        throw .query(
          .missingColumn, "\(place) has no ID field '\(field.name)', which the model reads",
          hint: "Leave it out with fields.exclude, or ingest the log with it.")
      }
      guard (ids.offsets != nil) == (field.shape != .single) else {
        throw .query(
          .missingColumn, "the field '\(field.name)' of \(place) is of another shape than the model's, \(field.shape)")
      }
      let base = UInt32(column.distinct.count)
      column.distinct += ids.distinct
      column.codes.reserveCapacity(column.codes.count + ids.codes.count)
      for code in ids.codes { column.codes.append(code == CodedIDs.missing ? code : code + base) }
      guard let offsets = ids.offsets else { continue }
      let first = column.offsets.last!
      for offset in offsets.dropFirst() { column.offsets.append(first + offset) }
      column.weights += ids.weights ?? Array(repeating: 1, count: ids.codes.count)
    }
    column.resolved = Array(repeating: Column.unresolved, count: column.distinct.count)
    return column
  }

  /// A log without the label, as a file to predict may be, has it unknown everywhere.
  private static func label(_ groups: [RowGroup], _ name: String) -> [Float] {
    var values: [Float] = []
    for group in groups {
      if case .real(let known)? = group.columns["label/\(name)"] {
        values += known
      } else {
        values += repeatElement(.nan, count: group.rowCount)
      }
    }
    return values
  }

  private func loadDense(_ groups: [RowGroup]) {
    let width = definition.dense.count
    dense = Array(repeating: 0, count: rowCount * width)
    for (index, field) in definition.dense.enumerated() {
      var row = 0
      for group in groups {
        if case .real(let values)? = group.columns["dense/\(field.name)"] {
          for (offset, value) in values.enumerated() { dense[(row + offset) * width + index] = field(value) }
        }
        row += group.rowCount
      }
    }
  }

  /// Empties a batch, keeping its storage.
  func begin(_ batch: inout FeatureBatch) {
    if batch.fields.count != columns.count || batch.tables.count != missing.count {
      batch = FeatureBatch()
      batch.fields = columns.map { _ in .init() }
      batch.tables = missing.map { _ in .init() }
      batch.labels = labels.map { _ in [] }
    }
    batch.rowCount = 0
    for index in batch.labels.indices { batch.labels[index].removeAll(keepingCapacity: true) }
    batch.weights.removeAll(keepingCapacity: true)
    batch.dense.removeAll(keepingCapacity: true)
    for index in batch.tables.indices {
      batch.tables[index].references.removeAll(keepingCapacity: true)
      batch.tables[index].occurrences.removeAll(keepingCapacity: true)
    }
    for index in batch.fields.indices {
      batch.fields[index].codes.removeAll(keepingCapacity: true)
      batch.fields[index].offsets.removeAll(keepingCapacity: true)
      batch.fields[index].shares.removeAll(keepingCapacity: true)
    }
  }

  /// Adds rows of this window to a batch.
  func append(_ rows: ArraySlice<UInt32>, to batch: inout FeatureBatch, by resolver: any RowResolver)
    throws(QueryError)
  {
    for index in labels.indices {
      for row in rows { batch.labels[index].append(labels[index][Int(row)]) }
    }
    appendWeights(rows, to: &batch)
    let width = definition.dense.count
    if width > 0 {
      for row in rows { batch.dense += dense[Int(row) * width..<(Int(row) + 1) * width] }
    }
    for index in columns.indices {
      if columns[index].offsets.isEmpty {
        try appendSingle(index, rows, &batch, resolver)
      } else {
        try appendSeveral(index, rows, &batch, resolver)
      }
    }
    batch.rowCount += rows.count
  }

  /// Must follow the last `append` of a batch.
  func end(_ batch: FeatureBatch) { marks.clear(batch.tables) }

  private func appendWeights(_ rows: ArraySlice<UInt32>, to batch: inout FeatureBatch) {
    if weights.isEmpty, batch.weights.isEmpty { return }
    // Windows of logs with and without weights may meet in a batch.
    batch.weights += repeatElement(1, count: batch.rowCount - batch.weights.count)
    for row in rows { batch.weights.append(weights.isEmpty ? 1 : weights[Int(row)]) }
  }

  private func appendSingle(
    _ index: Int, _ rows: ArraySlice<UInt32>, _ batch: inout FeatureBatch, _ resolver: any RowResolver
  ) throws(QueryError) {
    let table = definition.fields[index].table
    for row in rows {
      let packed = try resolve(columns[index].codes[Int(row)], index, table, resolver)
      batch.fields[index].codes.append(marks.position(of: packed, table: table, in: &batch.tables[table]))
    }
  }

  private func appendSeveral(
    _ index: Int, _ rows: ArraySlice<UInt32>, _ batch: inout FeatureBatch, _ resolver: any RowResolver
  ) throws(QueryError) {
    let table = definition.fields[index].table
    if batch.fields[index].offsets.isEmpty { batch.fields[index].offsets.append(0) }
    let length = definition.fields[index].length
    for row in rows {
      let end = Int(columns[index].offsets[Int(row) + 1])
      var range = Int(columns[index].offsets[Int(row)])..<end
      // A sequence is read from its newest value backwards; rows of older ones are neither fetched nor counted.
      if length > 0, range.count > length { range = end - length..<end }
      var sum: Float = 0
      for position in range { sum += columns[index].weights[position] }
      for position in range {
        let packed = try resolve(columns[index].codes[position], index, table, resolver)
        batch.fields[index].codes.append(marks.position(of: packed, table: table, in: &batch.tables[table]))
        batch.fields[index].shares.append(sum == 0 ? 0 : columns[index].weights[position] / sum)
      }
      if range.isEmpty, length == 0 {
        let packed = try resolve(CodedIDs.missing, index, table, resolver)
        batch.fields[index].codes.append(marks.position(of: packed, table: table, in: &batch.tables[table]))
        batch.fields[index].shares.append(1)
      }
      batch.fields[index].offsets.append(UInt32(batch.fields[index].codes.count))
    }
  }

  @inline(__always)
  private func resolve(_ code: UInt32, _ column: Int, _ table: Int, _ resolver: any RowResolver) throws(QueryError)
    -> UInt64
  {
    if code == CodedIDs.missing {
      if missing[table] == Column.unresolved { missing[table] = try resolver.row(of: .missing, table: table).packed }
      return missing[table]
    }
    let known = columns[column].resolved[Int(code)]
    if known != Column.unresolved { return known }
    let row = try resolver.row(of: columns[column].distinct[Int(code)], table: table)
    columns[column].resolved[Int(code)] = row.packed
    return row.packed
  }
}
