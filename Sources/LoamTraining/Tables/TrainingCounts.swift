import LoamSchema
import LoamStore

/// How often the training logs name an ID of one space.
///
/// Counts are kept per log, so that a validation log read into the same store changes nothing.
struct TrainingCounts {
  private let counts: IDTableReader?
  private let columns: [Int]

  /// - Parameter snapshot: the version whose logs are trained on.
  init(_ snapshot: Snapshot, space: String, logs: [String]) throws(StoreError) {
    counts = try IDTableReader(snapshot, TableName(.ids, space))
    let spec = counts?.spec
    columns = logs.compactMap { log in spec?.columns.firstIndex { $0.name == "count/\(log)" } }
  }

  /// IDs of the space, whatever log names them.
  var idCount: Int { counts?.rowCount ?? 0 }

  func count(_ id: ID) throws(StoreError) -> UInt64 {
    guard let counts else { return 0 }
    let row = try counts.find(id)
    if row.isNone { return 0 }
    var (sum, count): (UInt64, UInt64) = (0, 0)
    for column in columns {
      try counts.read(column, row, into: &count)
      sum += count
    }
    return sum
  }

  /// The dictionary's string, or digits.
  func text(_ id: ID) throws(StoreError) -> String {
    if id == .missing { return ":missing" }
    guard let counts else { return "\(id)" }
    let row = try counts.find(id)
    return row.isNone ? "\(id)" : try counts.string(of: row) ?? "\(id)"
  }
}
