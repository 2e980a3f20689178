import LoamKernels
import LoamSchema
import LoamStore

/// The distinct codes of one table's fields in a batch, and the rows that they stand for; memory is kept from batch to
/// batch.
///
/// ```
/// codes of the batch   7 2 7 | 5 2        two runs: fields, or windows of one field
/// numbers              0 1 0 | 2 3
/// codes by number      7 2   | 5 2
/// rows by number       a b   | b c        two codes may stand for one row
/// ```
final class DistinctCodes {
  private var capacity = 0
  private var codes = UnsafeMutablePointer<UInt32>.allocate(capacity: 0)
  private var unresolved = UnsafeMutablePointer<UInt32>.allocate(capacity: 0)
  private(set) var occurrences = UnsafeMutablePointer<UInt32>.allocate(capacity: 0)
  private(set) var rows = UnsafeMutablePointer<UInt64>.allocate(capacity: 0)
  private var runs: [(column: IDColumn, numbers: Range<Int>, unresolved: Range<Int>)] = []
  private var batch: UInt32 = 0
  private(set) var count = 0
  /// Of the numbers without a row.
  private var ids: [ID] = []
  private var found: [RowReference] = []

  deinit { deallocate() }

  private func deallocate() {
    for pointer in [codes, unresolved, occurrences] { pointer.deallocate() }
    rows.deallocate()
  }

  /// Begins a batch of at most `codesMax` codes.
  func begin(_ codesMax: Int) {
    batch &+= 1
    count = 0
    runs.removeAll(keepingCapacity: true)
    guard codesMax >= capacity else { return }
    deallocate()
    capacity = codesMax * 5 / 4 + 1
    (codes, unresolved) = (.allocate(capacity: capacity), .allocate(capacity: capacity))
    (occurrences, rows) = (.allocate(capacity: capacity), .allocate(capacity: capacity))
  }

  /// Numbers a run of codes; codes are below the column's number of distinct IDs.
  func number(_ column: IDColumn, _ run: UnsafeBufferPointer<UInt32>, to numbers: UnsafeMutablePointer<UInt32>) {
    precondition(count + run.count < capacity)
    var distinct = loam_distinct_codes(codes: codes, occurrences: occurrences, count: count)
    loam_number_codes(column.named, run.baseAddress, run.count, batch, &distinct, numbers)
    runs.append((column, count..<distinct.count, 0..<0))
    count = distinct.count
  }

  /// Finds the rows of all numbers. IDs that no batch of their window has named before are resolved together.
  func findRows(by resolver: any RowResolver, table: Int) throws(QueryError) {
    var listed = 0
    for index in runs.indices {
      let (rowsOfCodes, numbers) = (runs[index].column.rows, runs[index].numbers)
      let more = loam_rows_of_codes(
        rowsOfCodes, codes + numbers.lowerBound, numbers.count, rows + numbers.lowerBound, unresolved + listed)
      runs[index].unresolved = listed..<listed + more
      listed += more
    }
    guard listed > 0 else { return }
    ids.resize(listed, with: .missing)
    found.resize(listed, with: .none)
    ids.withUnsafeMutableBufferPointer { ids in
      for run in runs {
        let (first, positions) = (run.numbers.lowerBound, run.unresolved)
        loam_ids_of_codes(
          run.column.distinct.baseAddress, codes + first, unresolved + positions.lowerBound, positions.count,
          ids.baseAddress! + positions.lowerBound)
      }
    }
    try resolver.rows(of: ids, table: table, into: &found)
    precondition(!found.contains(.none), "an ID was resolved to no row")
    found.withUnsafeBufferPointer { found in
      found.withMemoryRebound(to: UInt64.self) { found in
        for run in runs {
          let (first, positions) = (run.numbers.lowerBound, run.unresolved)
          loam_note_rows(
            found.baseAddress! + positions.lowerBound, codes + first, unresolved + positions.lowerBound,
            positions.count, rows + first, run.column.rows)
        }
      }
    }
  }
}
