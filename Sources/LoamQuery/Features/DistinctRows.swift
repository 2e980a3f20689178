import LoamKernels
import LoamStore

/// Memory for the distinct rows of a batch while they are found; kept from batch to batch.
final class DistinctRows {
  private var capacity = 0
  private var rows = UnsafeMutablePointer<UInt64>.allocate(capacity: 0)
  private var occurrences = UnsafeMutablePointer<UInt32>.allocate(capacity: 0)
  private(set) var count = 0

  deinit {
    rows.deallocate()
    occurrences.deallocate()
  }

  /// Empties it, with room for `rowsMax`.
  func begin(_ rowsMax: Int) {
    count = 0
    guard rowsMax > capacity else { return }
    rows.deallocate()
    occurrences.deallocate()
    capacity = rowsMax * 5 / 4
    rows = .allocate(capacity: capacity)
    occurrences = .allocate(capacity: capacity)
  }

  /// The place of each of the codes' rows.
  func place(_ codes: DistinctCodes, _ marks: RowMarks, to places: UnsafeMutablePointer<UInt32>) {
    precondition(count + codes.count <= capacity)
    var found = loam_distinct_rows(rows: rows, occurrences: occurrences, count: count)
    let placed = marks.withMarks { loam_place_rows(codes.rows, codes.occurrences, codes.count, $0, &found, places) }
    precondition(placed == codes.count, "a batch of one reader went to another resolver")
    count = found.count
  }

  func clear(_ marks: RowMarks) { marks.withMarks { loam_clear_marks($0, rows, count) } }

  /// Copies them in the order of first use.
  func copy(to out: inout FeatureBatch.Rows) {
    resize(&out)
    out.references.withUnsafeMutableBufferPointer { references in
      for index in 0..<count { references[index] = RowReference(packed: rows[index]) }
    }
    out.occurrences.withUnsafeMutableBufferPointer { $0.baseAddress?.update(from: occurrences, count: count) }
  }

  /// Copies them shard by shard; `firstUse` says where each went.
  func group(shards: Int, to out: inout FeatureBatch.Rows) {
    resize(&out)
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
