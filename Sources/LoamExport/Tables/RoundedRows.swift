import LoamQuery
import LoamStore
import LoamTraining

/// The rows of a table as an export of fewer bits gives them.
final class RoundedRows: RowSource {
  private let reader: EmbeddingReader
  private let form: RowForm

  init(_ reader: EmbeddingReader, _ form: RowForm) { (self.reader, self.form) = (reader, form) }

  var dimension: Int { reader.dimension }
  var hasWeight: Bool { reader.hasWeight }

  func fetch(
    _ rows: [RowReference], vectors: UnsafeMutablePointer<Float>?, weights: UnsafeMutablePointer<Float>?
  ) throws(QueryError) {
    try reader.fetch(rows, vectors: vectors, weights: weights)
    guard let vectors, dimension > 0, form != .f32 else { return }
    let values = UnsafeBufferPointer(start: vectors, count: rows.count * dimension)
    vectors.update(from: form.rounded(Array(values), width: dimension), count: values.count)
  }
}
