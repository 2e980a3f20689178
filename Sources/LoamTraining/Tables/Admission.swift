import LoamSchema
import LoamStore

/// Which IDs of a space get rows of their own: those that the training logs name often enough.
///
/// Counts are kept per log, so that a validation log read into the same store changes nothing.
struct Admission {
  private let counts: IDTableReader?
  private let columns: [Int]
  private let minimum: UInt64

  /// - Parameter snapshot: the version whose logs are trained on.
  init(_ snapshot: Snapshot, space: String, logs: [String], minimum: UInt64) throws(StoreError) {
    self.minimum = minimum
    // Every ID that a training log names has been counted once.
    guard minimum > 1, let counts = try IDTableReader(snapshot, TableName(.ids, space)) else {
      (self.counts, columns) = (nil, [])
      return
    }
    self.counts = counts
    columns = logs.compactMap { log in counts.spec.columns.firstIndex { $0.name == "count/\(log)" } }
  }

  func admits(_ id: ID) throws(StoreError) -> Bool {
    guard minimum > 1 else { return true }
    guard let counts else { return false }
    let row = try counts.find(id)
    if row.isNone { return false }
    var sum: UInt64 = 0
    var count: UInt64 = 0
    for column in columns {
      try counts.read(column, row, into: &count)
      sum += count
    }
    return sum >= minimum
  }
}
