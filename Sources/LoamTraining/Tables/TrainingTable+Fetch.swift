import LoamQuery
import LoamStore

/// Reading rows as they are at this step.
extension TrainingTable {
  func fetch(
    _ rows: [RowReference], vectors: UnsafeMutablePointer<Float>?, weights: UnsafeMutablePointer<Float>?
  ) throws(QueryError) {
    try rows.withPointer { (rows) throws(QueryError) in
      try QueryError.passing { () throws(StoreError) in try fetch(rows, vectors, weights) }
    }
  }

  /// The batch's distinct rows in one shard. Different shards may be fetched at once.
  func fetch(
    shard: Int, _ rows: FeatureBatch.Rows, vectors: UnsafeMutablePointer<Float>?,
    weights: UnsafeMutablePointer<Float>?
  ) throws(StoreError) {
    guard shard + 1 < rows.starts.count else { return }
    let range = rows.starts[shard]..<rows.starts[shard + 1]
    try rows.references.withPointer { (references) throws(StoreError) in
      try fetch(
        UnsafeBufferPointer(rebasing: references[range]), vectors.map { $0 + range.lowerBound * dimension },
        weights.map { $0 + range.lowerBound })
    }
  }

  private func fetch(
    _ rows: UnsafeBufferPointer<RowReference>, _ vectors: UnsafeMutablePointer<Float>?,
    _ weights: UnsafeMutablePointer<Float>?
  ) throws(StoreError) {
    if let vectors, let column = layout.vector { try writer.read(column.index, rows, into: vectors) }
    if let weights, let column = layout.weight { try writer.read(column.index, rows, into: weights) }
    guard let decay = layout.decay else { return }
    for (place, row) in rows.enumerated() {
      let factor = EmbeddingReader.factor(now: decayLog, row: try writer.row(decay, row).load(as: Double.self))
      if let vectors { EmbeddingReader.settle(vectors + place * dimension, dimension, factor) }
      if let weights { EmbeddingReader.settle(weights + place, 1, factor) }
    }
  }
}

extension Array {
  /// `withUnsafeBufferPointer` with a typed error.
  func withPointer<T, E: Error>(_ body: (UnsafeBufferPointer<Element>) throws(E) -> T) throws(E) -> T {
    let result = withUnsafeBufferPointer { buffer -> Result<T, E> in
      do throws(E) { return .success(try body(buffer)) } catch { return .failure(error) }
    }
    return try result.get()
  }
}
