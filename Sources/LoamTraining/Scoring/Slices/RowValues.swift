import LoamQuery
import LoamSchema
import LoamStore

/// For each row of a log the value of one ID field, in the order of the log.
///
/// Read from the log itself: a model's rows no longer tell apart the IDs that it never admitted.
struct RowValues {
  /// In order of first appearance; may hold `ID.missing`.
  private(set) var distinct: [ID] = []
  /// Of each row, its index in `distinct`.
  private(set) var codes: [UInt32] = []

  init(_ snapshot: Snapshot, log: String, field: String) throws(TrainingError) {
    let column = "id/\(field)"
    var places: [ID: UInt32] = [:]
    func place(_ id: ID) -> UInt32 {
      if let known = places[id] { return known }
      let new = UInt32(distinct.count)
      places[id] = new
      distinct.append(id)
      return new
    }
    let reader = try TrainingError.store { () throws(StoreError) in
      try FeatureLogReader(snapshot, TableName(.log, log))
    }
    guard let reader, reader.columnNames.contains(column) else {
      throw .query(
        .query(
          .missingColumn, "the log '\(log)' has no ID field '\(field)', which metrics ask for",
          hint: "Leave it out of metrics, or ingest the log with it."))
    }
    codes.reserveCapacity(reader.rowCount)
    for index in 0..<reader.groupCount {
      let group = try TrainingError.store { () throws(StoreError) in try reader.group(index, columns: [column]) }
      guard case .ids(let ids)? = group.columns[column], ids.offsets == nil else {
        throw .query(
          .query(
            .missingColumn, "the field '\(field)' of the log '\(log)' has several values a row; metrics need one",
            hint: "Name another field."))
      }
      let known = ids.distinct.map(place)
      for code in ids.codes { codes.append(code == CodedIDs.missing ? place(.missing) : known[Int(code)]) }
    }
  }
}
