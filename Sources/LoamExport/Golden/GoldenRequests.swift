import LoamQuery
import LoamSchema
import LoamStore
import LoamTensor

/// Rows of a log as requests: IDs and raw numbers, without labels.
struct GoldenRequests: Equatable {
  /// The IDs of one field.
  struct Field: Equatable {
    /// One a row, `ID.missing` where there is none; of several values all of them, one after the other.
    var ids: [ID] = []
    /// rows + 1 numbers; `nil` for a field of one value.
    var offsets: [Int]?
    /// One an ID; `nil` where the field has none.
    var weights: [Float]?
  }
  var rowCount: Int
  /// By name.
  var fields: [String: Field] = [:]
  var dense: [String: [Float]] = [:]

  init(rowCount: Int) { self.rowCount = rowCount }

  /// One row of each of `count` equal parts of the log, drawn by the model's seed.
  ///
  /// - Throws: Codes of `store`.
  init(_ snapshot: Snapshot, log: FeatureLogReader, _ definition: ModelDefinition, count: Int) throws(ExportError) {
    let count = min(count, log.rowCount)
    let random = CounterRandom(seed: definition.seed, stream: "golden")
    let chosen = (0..<count).map { part in
      let range = log.rowCount * part / count..<log.rowCount * (part + 1) / count
      return range.lowerBound + Int(random.below(UInt64(range.count), UInt64(part)))
    }
    self.init(rowCount: count)
    for field in definition.requestFields where field.shape != .single { fields[field.name] = Field(offsets: [0]) }
    let names = Set(log.columnNames)
    for (index, rows) in Dictionary(grouping: chosen, by: { $0 / log.rowsPerGroup }).sorted(by: { $0.key < $1.key }) {
      let wanted = definition.requestFields.map { "id/\($0.name)" } + definition.dense.map { "dense/\($0.name)" }
      let group = try Exporter.reading("\(log.spec.name)") { () throws(StoreError) in
        try log.group(index, columns: names.intersection(wanted))
      }
      append(rows.map { $0 - index * log.rowsPerGroup }, of: group, definition)
    }
  }

  private mutating func append(_ rows: [Int], of group: RowGroup, _ definition: ModelDefinition) {
    for field in definition.requestFields {
      guard case .ids(let ids)? = group.columns["id/\(field.name)"] else { continue }
      for row in rows { fields[field.name, default: Field()].append(row, of: ids, newest: field.length) }
    }
    for field in definition.dense {
      guard case .real(let values)? = group.columns["dense/\(field.name)"] else {
        dense[field.name, default: []] += repeatElement(.nan, count: rows.count)
        continue
      }
      dense[field.name, default: []] += rows.map { values[$0] }
    }
  }

  /// As a log or a file would have them.
  var group: RowGroup {
    var group = RowGroup(rowCount: rowCount)
    for (name, field) in fields { group.columns["id/\(name)"] = .ids(field.coded) }
    for (name, values) in dense { group.columns["dense/\(name)"] = .real(values) }
    return group
  }

  /// The IDs that a table is asked for, ascending, the reserved ones among them.
  func ids(ofTable table: Int, _ definition: ModelDefinition) -> [ID] {
    var ids: Set<ID> = [.missing, .unknown]
    for field in definition.fields where field.table == table { ids.formUnion(fields[field.name]?.ids ?? []) }
    return ids.sorted()
  }
}

extension ModelDefinition {
  /// The fields that a request has: those of the model, and what says more of the events of its sequences.
  var requestFields: [FieldDefinition] {
    fields.flatMap { field in
      [field]
        + (field.events?.names ?? []).map {
          FieldDefinition(name: $0, shape: field.shape, table: field.table, length: field.length)
        }
    }
  }
}

extension GoldenRequests.Field {
  /// - Parameter newest: how many of the last values are read; 0: all.
  fileprivate mutating func append(_ row: Int, of column: CodedIDs, newest: Int) {
    let id = { (code: UInt32) in code == CodedIDs.missing ? ID.missing : column.distinct[Int(code)] }
    guard let ends = column.offsets else { return ids.append(id(column.codes[row])) }
    var range = Int(ends[row])..<Int(ends[row + 1])
    if newest > 0, range.count > newest { range = range.upperBound - newest..<range.upperBound }
    ids += range.map { id(column.codes[$0]) }
    if let all = column.weights { weights = (weights ?? []) + all[range] }
    offsets = (offsets ?? [0]) + [ids.count]
  }

  fileprivate var coded: CodedIDs {
    var places: [ID: UInt32] = [:]
    var coded = CodedIDs(offsets: offsets?.map { UInt32($0) }, weights: weights)
    coded.codes = ids.map { id in
      if id == .missing, offsets == nil { return CodedIDs.missing }
      if let known = places[id] { return known }
      places[id] = UInt32(coded.distinct.count)
      coded.distinct.append(id)
      return places[id]!
    }
    return coded
  }
}
