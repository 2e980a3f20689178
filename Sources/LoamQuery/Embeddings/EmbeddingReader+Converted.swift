import LoamKernels
import LoamStore

extension EmbeddingReader {
  /// Rows of f16, bf16 or i8 as f32: `[rows, width]`.
  func converted(_ column: ColumnSpec, _ rows: [RowReference]) throws(QueryError) -> [Float] {
    let type: loam_row_type
    switch column.type {
    case .f16: type = loam_row_f16
    case .bf16: type = loam_row_bf16
    case .i8: type = loam_row_i8
    default:
      throw .query(.unknownTable, "\(table.spec.name) has no column '\(column.name)' of real numbers")
    }
    let stride = column.stride
    let stored = UnsafeMutableRawPointer.allocate(byteCount: max(1, rows.count * stride), alignment: 64)
    defer { stored.deallocate() }
    try QueryError.passing { () throws(StoreError) in try table.read(column.name, rows, into: stored) }
    let places = rows.indices.map { UnsafeRawPointer(stored + $0 * stride) as UnsafeRawPointer? }
    return [Float](unsafeUninitializedCapacity: rows.count * column.width) { values, count in
      if let out = values.baseAddress { loam_lookup_convert(type, places, rows.count, column.width, out) }
      count = rows.count * column.width
    }
  }
}
