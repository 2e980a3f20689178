import LoamSchema
import LoamStore

/// The vector that a model reads for an ID of the request: that of `ID.unknown` where it was never admitted.
struct VectorStep: ViewStep {
  let table: EmbeddingReader
  let id: Int
  let offset: Int

  /// Rows read at a time.
  private static let rowsMax = 1_024

  func fill(_ batch: ViewBatch) throws(QueryError) {
    var first = batch.range.lowerBound
    while first < batch.range.upperBound {
      let end = min(first + Self.rowsMax, batch.range.upperBound)
      var rows: [RowReference] = []
      for request in first..<end { rows.append(try table.row(of: batch.columns.ids[id][request])) }
      let values = try table.values("vector", rows)
      values.withUnsafeBytes { bytes in
        let size = table.dimension * 4
        for request in first..<end {
          batch.place(request, offset).copyMemory(
            from: bytes.baseAddress! + (request - first) * size, byteCount: size)
        }
      }
      first = end
    }
  }
}
