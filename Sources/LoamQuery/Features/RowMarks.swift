import LoamKernels
import LoamStore

/// Finds the distinct rows of a batch without hashing: for every slot of a table that was ever named, its place.
///
/// Four bytes a slot, cleared after each batch by walking the rows of the batch alone.
final class RowMarks {
  /// Place + 1, by shard and slot; 0: not in the batch.
  private var shards: [UnsafeMutablePointer<UInt32>?] = []
  private var slots: [Int] = []

  deinit { for shard in shards { shard?.deallocate() } }

  var shardCount: Int { shards.count }

  /// Makes room for rows.
  func reserve(_ rows: [RowReference]) {
    rows.withUnsafeBufferPointer { rows in
      rows.withMemoryRebound(to: UInt64.self) { packed in
        var first = 0
        while true {
          first += withMarks { loam_first_unmarked($0, packed.baseAddress.map { $0 + first }, packed.count - first) }
          guard first < packed.count else { return }
          grow(rows[first])
        }
      }
    }
  }

  private func grow(_ row: RowReference) {
    precondition(!row.isNone, "an ID was resolved to no row")
    while shards.count <= row.shard {
      shards.append(nil)
      slots.append(0)
    }
    let count = max(Int(row.slot) + 1, slots[row.shard] * 2, 1_024)
    let larger = UnsafeMutablePointer<UInt32>.allocate(capacity: count)
    larger.initialize(repeating: 0, count: count)
    if let old = shards[row.shard] {
      larger.update(from: old, count: slots[row.shard])
      old.deallocate()
    }
    (shards[row.shard], slots[row.shard]) = (larger, count)
  }

  func withMarks<T>(_ body: (loam_marks) -> T) -> T {
    shards.withUnsafeBufferPointer { shards in
      slots.withUnsafeBufferPointer { slots in
        body(loam_marks(shards: shards.baseAddress, slots: slots.baseAddress, count: shards.count))
      }
    }
  }
}
