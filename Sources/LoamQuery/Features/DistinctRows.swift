import LoamKernels
import LoamStore

/// Memory for the distinct rows of a batch while they are found; kept from batch to batch. None of it grows with the
/// table.
final class DistinctRows {
  private var capacity = 0
  private var rows = UnsafeMutablePointer<UInt64>.allocate(capacity: 0)
  private var occurrences = UnsafeMutablePointer<UInt32>.allocate(capacity: 0)
  private(set) var count = 0
  /// Twice the capacity, rounded up to a power of two.
  private var entries = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: 0)
  /// Shards that rows of any batch lay in.
  private var shards = 0

  deinit {
    entries.deallocate()
    rows.deallocate()
    occurrences.deallocate()
  }

  /// Empties it, with room for `rowsMax`.
  func begin(_ rowsMax: Int) {
    count = 0
    defer { entries.update(repeating: 0) }
    guard rowsMax > capacity else { return }
    rows.deallocate()
    occurrences.deallocate()
    capacity = rowsMax * 5 / 4
    rows = .allocate(capacity: capacity)
    occurrences = .allocate(capacity: capacity)
    entries.deallocate()
    entries = .allocate(capacity: 1 << (Int.bitWidth - (2 * capacity).leadingZeroBitCount))
    entries.initialize(repeating: 0)
  }

  /// The place of each of the codes' rows.
  func place(_ codes: DistinctCodes, to places: UnsafeMutablePointer<UInt32>) {
    precondition(count + codes.count <= capacity)
    var found = loam_distinct_rows(rows: rows, occurrences: occurrences, count: count)
    let table = loam_row_table(entries: entries.baseAddress, count: entries.count)
    loam_place_rows(codes.rows, codes.occurrences, codes.count, table, &found, places)
    count = found.count
  }

  /// Copies them in the order of first use.
  func copy(to out: inout FeatureBatch.Rows) {
    resize(&out)
    out.references.withUnsafeMutableBufferPointer { references in
      for index in 0..<count { references[index] = RowReference(packed: rows[index]) }
    }
    out.occurrences.withUnsafeMutableBufferPointer { $0.baseAddress?.update(from: occurrences, count: count) }
  }

  /// Copies them shard by shard; `firstUse` says where each went.
  func group(to out: inout FeatureBatch.Rows) {
    resize(&out)
    for index in 0..<count {
      precondition(rows[index] != RowReference.none.packed, "an ID was resolved to no row")
      shards = max(shards, Int(rows[index] >> 32) + 1)
    }
    out.firstUse.resize(count, with: 0)
    out.starts.resize(shards + 1, with: 0)
    let found = loam_distinct_rows(rows: rows, occurrences: occurrences, count: count)
    out.references.withUnsafeMutableBufferPointer { references in
      references.withMemoryRebound(to: UInt64.self) { references in
        out.occurrences.withUnsafeMutableBufferPointer { occurrences in
          out.firstUse.withUnsafeMutableBufferPointer { firstUse in
            out.starts.withUnsafeMutableBufferPointer { starts in
              starts.withMemoryRebound(to: Int64.self) { starts in
                loam_group_rows(
                  found, shards, starts.baseAddress, references.baseAddress, occurrences.baseAddress,
                  firstUse.baseAddress)
              }
            }
          }
        }
      }
    }
  }

  private func resize(_ out: inout FeatureBatch.Rows) {
    out.references.resize(count, with: .none)
    out.occurrences.resize(count, with: 0)
  }
}

extension Array {
  /// Elements keep what they were; new ones are `element`.
  mutating func resize(_ count: Int, with element: Element) {
    if count < self.count {
      removeLast(self.count - count)
    } else {
      append(contentsOf: repeatElement(element, count: count - self.count))
    }
  }
}
