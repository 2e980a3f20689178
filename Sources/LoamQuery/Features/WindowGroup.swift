import LoamSchema
import LoamStore

/// Some neighbouring rows that a window takes, column by column: a row group in memory, or one of a log.
protocol WindowGroup {
  var rowCount: Int { get }
  /// `nil`: there is no such column.
  func column(_ name: String) throws(QueryError) -> RowGroup.Column?
  /// Hands over a column of one ID a row; false: there is no such column, or it is of another shape.
  func withIDs(_ name: String, _ body: (StoredIDs) -> Void) throws(QueryError) -> Bool
}

extension RowGroup: WindowGroup {
  func column(_ name: String) -> Column? { columns[name] }

  func withIDs(_ name: String, _ body: (StoredIDs) -> Void) -> Bool {
    guard case .ids(let ids)? = columns[name], ids.offsets == nil else { return false }
    ids.distinct.withUnsafeBytes { distinct in
      ids.codes.withUnsafeBytes { body(StoredIDs(distinct: distinct, codes: $0, codeBytes: 4)) }
    }
    return true
  }
}

/// A row group of a log, decoded when it is asked for.
struct LogGroup: WindowGroup {
  let log: FeatureLogReader
  let group: Int
  let rowCount: Int
  let room: DecodingRoom

  func column(_ name: String) throws(QueryError) -> RowGroup.Column? {
    guard log.hasColumn(name) else { return nil }
    return try QueryError.passing { () throws(StoreError) in try log.group(group, columns: [name]).columns[name] }
  }

  func withIDs(_ name: String, _ body: (StoredIDs) -> Void) throws(QueryError) -> Bool {
    try QueryError.passing { () throws(StoreError) in
      try log.withIDs(name, group: group, room: room, body) != nil
    }
  }
}
