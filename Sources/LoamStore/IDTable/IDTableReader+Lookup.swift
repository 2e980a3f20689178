import LoamKernels
import LoamSchema

/// Rows by ID, from the mapped blocks into the caller's memory.
///
/// ```swift
/// let column = try items.columnIndex("vector")
/// try items.lookup(ids, column: column, into: rows)          // [ids, width], as stored
/// ```
///
/// The row of an ID that has none is `absent`, or zeros. An error leaves the output partly written; nothing of a damaged
/// block is ever in it. Many IDs in one call run several times as fast as one at a time: see docs/decisions. `threads` is
/// how many threads may work on them (0: one a core); the output is the same. Several tables in one call:
/// `Snapshot.lookup`.
extension IDTableReader {
  /// Copies rows as they are stored, `stride` bytes each: `[ids, stride]`.
  ///
  /// - Parameter absent: `stride` bytes.
  public func lookup(
    _ ids: UnsafeBufferPointer<ID>, column: Int, absent: UnsafeRawPointer? = nil, threads: Int = 1,
    into rows: UnsafeMutableRawBufferPointer
  ) throws(StoreError) {
    let request = LookupRequest(self, ids, column: column, absent: absent, into: rows)
    try request.run(threads: threads)
  }

  /// Writes rows as f32, whatever of f32, f16, bf16 and i8 the column is: `[ids, width]`.
  ///
  /// - Parameter absent: a row as the column stores it.
  /// - Throws: `mismatch` where the column is of another type.
  public func lookup(
    _ ids: UnsafeBufferPointer<ID>, column: Int, absent: UnsafeRawPointer? = nil, threads: Int = 1,
    into values: UnsafeMutableBufferPointer<Float>
  ) throws(StoreError) {
    let request = try LookupRequest(self, ids, column: column, absent: absent, into: values)
    try request.run(threads: threads)
  }

  /// Pools the rows of bags of IDs as f32: `[bags, width]`. Bag b is `ids[offsets[b] ..< offsets[b + 1]]`; the row of an
  /// empty one is zeros.
  ///
  /// Rows are added in the order of IDs, so that the result depends on nothing else.
  ///
  /// - Parameter absent: a row as the column stores it, for IDs that have none; zeros without it.
  /// - Throws: `mismatch` where the column is none of f32, f16, bf16 and i8.
  public func lookup(
    _ ids: UnsafeBufferPointer<ID>, bags offsets: UnsafeBufferPointer<UInt32>, _ pooling: Pooling, column: Int,
    absent: UnsafeRawPointer? = nil, threads: Int = 1, into values: UnsafeMutableBufferPointer<Float>
  ) throws(StoreError) {
    let request = try LookupRequest(self, ids, bags: offsets, pooling, column: column, absent: absent, into: values)
    try request.run(threads: threads)
  }

  /// Copies the row of one ID as it is stored, `stride` bytes; `false`, and nothing written, where it has none.
  @inline(__always)
  public func lookup(_ id: ID, column: Int, into row: UnsafeMutableRawPointer) throws(StoreError) -> Bool {
    try snapshot.requireUsable()
    var stored: UnsafeRawPointer?
    switch loam_lookup_one(arrays.index, arrays.columns + column, id, &stored) {
    case loam_lookup_found:
      row.copyMemory(from: stored!, byteCount: Int(arrays.columns[column].stride))
      return true
    case loam_lookup_absent: return false
    default: return try lookupSlowly(id, column, into: row)
    }
  }

  @inline(never)
  private func lookupSlowly(_ id: ID, _ column: Int, into row: UnsafeMutableRawPointer) throws(StoreError) -> Bool {
    let reference = try find(id)
    if reference.isNone { return false }
    try read(column, reference, into: row)
    return true
  }

  func rowType(_ column: Int) throws(StoreError) -> loam_row_type {
    switch spec.columns[column].type {
    case .f32: return loam_row_f32
    case .f16: return loam_row_f16
    case .bf16: return loam_row_bf16
    case .i8: return loam_row_i8
    default:
      throw StoreError(
        .mismatch, "column \(spec.columns[column].name) of \(spec.name) is \(spec.columns[column].type), not real",
        hint: "Look it up as stored bytes.")
    }
  }
}
