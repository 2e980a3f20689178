import LoamQuery
import LoamStore

/// Where the forward pass gets rows from: a table in training, or one of a version.
package protocol RowSource: AnyObject {
  var dimension: Int { get }
  var hasWeight: Bool { get }
  /// Copies rows one after the other, decay made up for; a null pointer: not wanted.
  func fetch(
    _ rows: [RowReference], vectors: UnsafeMutablePointer<Float>?, weights: UnsafeMutablePointer<Float>?
  ) throws(QueryError)
}

extension EmbeddingReader: RowSource {
  package func fetch(
    _ rows: [RowReference], vectors: UnsafeMutablePointer<Float>?, weights: UnsafeMutablePointer<Float>?
  ) throws(QueryError) {
    if let vectors { vectors.update(from: try values("vector", rows), count: rows.count * dimension) }
    if let weights { weights.update(from: try values("weight", rows), count: rows.count) }
  }
}
