import LoamKernels
import LoamSchema

/// Rows of one column of a table, to be looked up together with those of other tables: see `Snapshot.lookup`.
///
/// Whoever makes one answers for its memory: keys and output must stay where they are until the lookup has returned.
public struct LookupRequest {
  enum Keys {
    case ids(UnsafeBufferPointer<ID>)
    /// Packed references.
    case rows(UnsafeBufferPointer<UInt64>)
  }
  enum Output {
    /// `stride` bytes a key.
    case stored(UnsafeMutableRawPointer)
    case real(loam_row_type, UnsafeMutablePointer<Float>)
    case pooled(loam_row_type, LookupBags, UnsafeMutablePointer<Float>)
  }

  let reader: IDTableReader
  let column: Int
  let keys: Keys
  /// `nil`: nothing is to be written.
  let output: Output?
  let absent: UnsafeRawPointer
  /// Bytes of a stored row, and its elements.
  let (stride, width): (Int, Int)

  private init(
    _ reader: IDTableReader, _ column: Int, _ keys: Keys, _ absent: UnsafeRawPointer?, _ output: Output?
  ) {
    precondition(reader.spec.columns.indices.contains(column), "column \(column) of \(reader.spec.columns.count)")
    (self.reader, self.column, self.keys, self.output) = (reader, column, keys, output)
    self.absent = absent ?? reader.arrays.zeros
    (stride, width) = (reader.spec.columns[column].stride, reader.spec.columns[column].width)
  }

  /// Rows as they are stored: `[ids, stride]`.
  ///
  /// - Parameter absent: `stride` bytes, the row of an ID that has none; zeros without it.
  public init(
    _ reader: IDTableReader, _ ids: UnsafeBufferPointer<ID>, column: Int, absent: UnsafeRawPointer? = nil,
    into rows: UnsafeMutableRawBufferPointer
  ) {
    let stride = reader.spec.columns[column].stride
    precondition(rows.count == ids.count * stride, "\(stride) bytes for each ID")
    self.init(reader, column, .ids(ids), absent, rows.baseAddress.map { .stored($0) })
  }

  /// Rows as f32, whatever of f32, f16, bf16 and i8 the column is: `[ids, width]`.
  ///
  /// - Parameter absent: a row as the column stores it.
  /// - Throws: `mismatch` where the column is of another type.
  public init(
    _ reader: IDTableReader, _ ids: UnsafeBufferPointer<ID>, column: Int, absent: UnsafeRawPointer? = nil,
    into values: UnsafeMutableBufferPointer<Float>
  ) throws(StoreError) {
    let type = try reader.rowType(column)
    let width = reader.spec.columns[column].width
    precondition(values.count == ids.count * width, "\(width) elements for each ID")
    self.init(reader, column, .ids(ids), absent, values.baseAddress.map { .real(type, $0) })
  }

  /// The rows of bags pooled as f32: `[bags, width]`. Bag b is `ids[offsets[b] ..< offsets[b + 1]]`; the row of an empty
  /// one is zeros.
  ///
  /// - Parameter absent: a row as the column stores it.
  /// - Throws: `mismatch` where the column is none of f32, f16, bf16 and i8.
  public init(
    _ reader: IDTableReader, _ ids: UnsafeBufferPointer<ID>, bags offsets: UnsafeBufferPointer<UInt32>,
    _ pooling: Pooling, column: Int, absent: UnsafeRawPointer? = nil, into values: UnsafeMutableBufferPointer<Float>
  ) throws(StoreError) {
    let type = try reader.rowType(column)
    let width = reader.spec.columns[column].width
    let bags = LookupBags(offsets, pooling, ids: ids.count)
    precondition(values.count == bags.count * width, "\(width) elements for each bag")
    self.init(reader, column, .ids(ids), absent, values.baseAddress.map { .pooled(type, bags, $0) })
  }

  /// Rows that were found before, as they are stored: `[rows, stride]`; that of `.none` is zeros.
  public init(
    _ reader: IDTableReader, rows: UnsafeBufferPointer<RowReference>, column: Int,
    into bytes: UnsafeMutableRawBufferPointer
  ) {
    let stride = reader.spec.columns[column].stride
    precondition(bytes.count == rows.count * stride, "\(stride) bytes for each row")
    // A reference is its packed number.
    let packed = UnsafeBufferPointer(
      start: UnsafeRawPointer(rows.baseAddress)?.assumingMemoryBound(to: UInt64.self), count: rows.count)
    self.init(reader, column, .rows(packed), nil, bytes.baseAddress.map { .stored($0) })
  }

  var keyCount: Int {
    switch keys {
    case .ids(let ids): ids.count
    case .rows(let rows): rows.count
    }
  }
}
