import LoamQuery
import LoamStore

/// Reading rows as they are at this step.
extension TrainingTable {
  func fetch(
    _ rows: [RowReference], vectors: UnsafeMutablePointer<Float>?, weights: UnsafeMutablePointer<Float>?
  ) throws(QueryError) {
    for (place, row) in rows.enumerated() {
      try QueryError.passing { () throws(StoreError) in try fetch(row, place, vectors, weights) }
    }
  }

  /// The part of the batch's distinct rows that lies in one shard.
  func fetch(
    shard: Int, _ references: [RowReference], vectors: UnsafeMutablePointer<Float>?,
    weights: UnsafeMutablePointer<Float>?
  ) throws(StoreError) {
    for place in shards[shard].places { try fetch(references[Int(place)], Int(place), vectors, weights) }
  }

  @inline(__always)
  private func fetch(
    _ row: RowReference, _ place: Int, _ vectors: UnsafeMutablePointer<Float>?, _ weights: UnsafeMutablePointer<Float>?
  ) throws(StoreError) {
    let factor = try factor(row)
    if let vectors, let column = layout.vector { try copy(column, row, to: vectors + place * column.width, factor) }
    if let weights, let column = layout.weight { try copy(column, row, to: weights + place, factor) }
  }

  @inline(__always)
  private func copy(
    _ column: EmbeddingLayout.Column, _ row: RowReference, to place: UnsafeMutablePointer<Float>, _ factor: Float
  ) throws(StoreError) {
    let from = try writer.row(column.index, row).assumingMemoryBound(to: Float.self)
    place.update(from: from, count: column.width)
    EmbeddingReader.settle(place, column.width, factor)
  }

  @inline(__always)
  private func factor(_ row: RowReference) throws(StoreError) -> Float {
    guard let decay = layout.decay else { return 1 }
    return EmbeddingReader.factor(now: decayLog, row: try writer.row(decay, row).load(as: Double.self))
  }
}
