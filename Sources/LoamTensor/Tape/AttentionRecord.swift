import LoamKernels
import OneDNN

/// What a tape remembers of attention: operands, and the shares that each step gave to the places that it saw.
///
/// ```
/// some rows of the batch     queries, keys ─▶ scores ─▶ shares ─▶ · values
///                                             (a room)  (kept)
/// ```
/// Forward and backward go through the batch by blocks of rows whose scores stay in the cache.
package struct AttentionRecord {
  package var queries, keys, values: Variable
  package var heads: Int
  package var factor: Float
  package var mask: Tensor?
  package var causal: Bool
  package var dropout: (probability: Float, key: DropoutKey)?
  /// `[batch, heads, steps, places]`, before dropout.
  package var shares: Tensor

  /// Of a room: 64 KiB.
  private static let scoresMax = 16_384

  var steps: Int { queries.shape[1] }
  var places: Int { keys.shape[1] }
  /// Scores of a row of the batch.
  var scoresPerRow: Int { heads * steps * places }

  /// `body` gets the rows of the batch, block by block.
  func forEachBlock(_ body: (Range<Int>) -> Void) {
    let batch = queries.shape[0], length = rowsPerBlock
    for first in stride(from: 0, to: batch, by: length) { body(first..<min(first + length, batch)) }
  }

  /// Of the longest block.
  var roomShape: Shape { Shape(rowsPerBlock, heads, steps, places) }
  private var rowsPerBlock: Int { min(max(Self.scoresMax / scoresPerRow, 1), queries.shape[0]) }

  /// Queries by keys, `[steps, width]` by `[width, places]` for each head.
  func scores(_ rows: Int) -> BatchedProduct.Plan {
    BatchedProduct.Plan(
      a: split(queries.shape), b: split(keys.shape).flipped, c: squares, outer: rows, inner: heads,
      shape: Shape(rows, heads, steps, places))
  }

  /// Shares by values, `[steps, places]` by `[places, width]` for each head.
  func sums(_ rows: Int) -> BatchedProduct.Plan {
    BatchedProduct.Plan(
      a: squares, b: split(values.shape), c: split(shape), outer: rows, inner: heads,
      shape: Shape(rows, steps, values.shape[2]))
  }

  /// Of the result.
  var shape: Shape { Shape(queries.shape[0], steps, values.shape[2]) }

  /// The heads of `[batch, steps, heads · width]`.
  private func split(_ shape: Shape) -> MatrixBatch {
    let width = shape[2] / heads
    return MatrixBatch(
      outerStride: shape[1] * shape[2], innerStride: width, rows: shape[1], columns: width, rowStride: shape[2])
  }

  private var squares: MatrixBatch {
    MatrixBatch(
      outerStride: scoresPerRow, innerStride: steps * places, rows: steps, columns: places, rowStride: places)
  }

  /// Numbers of some rows of the batch after dropout: in the room, or where they are if there is none. An element's fate
  /// is the same for shares and for their gradients.
  func drop(
    _ numbers: UnsafePointer<Float>, _ rows: Range<Int>, _ lane: Lane, room: Tensor
  ) -> UnsafePointer<Float> {
    guard let dropout else { return numbers }
    loam_f32_dropout(
      room.pointer, numbers, dropout.probability, dropout.key.bits, UInt64(lane.firstRow + rows.lowerBound),
      rows.count, scoresPerRow, false)
    return UnsafePointer(room.pointer)
  }
}

extension MatrixBatch {
  /// The matrices from the outer index `first` on.
  func source(_ start: UnsafeMutablePointer<Float>, from first: Int) -> BatchedProduct.Plan.Source {
    (UnsafePointer(start + first * outerStride), self)
  }
}
