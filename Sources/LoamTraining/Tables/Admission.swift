import LoamSchema
import LoamStore

/// Which IDs of a space get rows of their own: those that the training logs name often enough.
struct Admission {
  private let counts: TrainingCounts
  private let minimum: UInt64

  /// - Parameter snapshot: the version whose logs are trained on.
  init(_ snapshot: Snapshot, space: String, logs: [String], minimum: UInt64) throws(StoreError) {
    self.minimum = minimum
    counts = try TrainingCounts(snapshot, space: space, logs: logs)
  }

  func admits(_ id: ID) throws(StoreError) -> Bool {
    // Every ID that a training log names has been counted once.
    if minimum <= 1 { return true }
    return try counts.count(id) >= minimum
  }
}
