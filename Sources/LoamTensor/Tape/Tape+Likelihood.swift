#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The cross entropy of a softmax over many columns, of which few are labels.
extension Tape {
  /// Shares below it count as this much: their logarithm stays a number.
  static let shareMin: Float = 1e-30

  /// `-Σ log shares[row, label] / count`, `[1]`, where `shares` are a softmax's. Rows whose label is NaN do not count;
  /// with lanes, the count is the batch's.
  ///
  /// Shapes: `shares` `[rows, columns]`, `labels` `[rows]` of whole numbers below `columns`.
  public func logLikelihood(_ shares: Variable, labels: Tensor) -> Variable {
    precondition(
      shares.shape.rank == 2 && labels.count == shares.shape[0]
        && labels.buffer.allSatisfy { $0.isNaN || ($0 >= 0 && $0 < Float(shares.shape[1])) },
      "logLikelihood: labels \(labels.shape) of shares \(shares.shape.named("rows", "columns"))")
    let total = arena.tensor(Shape(1))
    var sum = 0.0
    total.pointer[0] = 0
    for (row, label) in labels.buffer.enumerated() where !label.isNaN {
      sum -= log(Double(max(pointer(shares)[row * shares.shape[1] + Int(label)], Tape.shareMin)))
      total.pointer[0] += 1
    }
    lane.sum(total)
    let count = max(total.pointer[0], 1)
    arena.release(total)
    return record(.logLikelihood(shares: shares, labels: labels, count: count), Shape(1), from: shares) {
      $0[0] = Float(sum / Double(count))
    }
  }
}
