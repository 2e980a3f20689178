import LoamKernels

/// The statistics that batch norm keeps for evaluation, `[columns]` each.
public struct RunningStatistics: Sendable {
  public let mean: Tensor
  public let variance: Tensor

  public init(columns: Int) {
    mean = Tensor(Shape(columns))
    variance = Tensor(Shape(columns))
    variance.fill(1)
  }
}

extension Tape {
  /// `(a - mean) / √(variance + epsilon) · gamma + beta`, per column of `a` `[batch, columns]`.
  ///
  /// In training, mean and (biased) variance are those of the whole batch, over all lanes, and the first lane moves the
  /// running statistics towards them by `momentum`, the variance unbiased, as torch.nn.BatchNorm1d does. Otherwise the
  /// running statistics are used. Source: Ioffe and Szegedy, arXiv 1502.03167, algorithm 1.
  public func batchNorm(
    _ a: Variable, gamma: Variable, beta: Variable, running: RunningStatistics, training: Bool,
    momentum: Float = 0.1, epsilon: Float = 1e-5
  ) -> Variable {
    precondition(
      a.shape.rank == 2 && gamma.shape == Shape(a.shape[1]) && beta.shape == gamma.shape
        && running.mean.shape == gamma.shape,
      "batchNorm: a \(a.shape.named("batch", "columns")), gamma \(gamma.shape), beta \(beta.shape)")
    let (rows, columns) = (a.shape[0], a.shape[1])
    let mean = arena.tensor(Shape(columns)), inverse = arena.tensor(Shape(columns))
    var batchRows: Float = 0
    if training {
      batchRows = meanOverBatch(mean, rows: rows) { loam_f32_sum_axis($0, pointer(a), 1, 1, rows, columns, false) }
      _ = meanOverBatch(inverse, rows: rows) {
        loam_f32_square_deviations($0, pointer(a), mean.pointer, rows, columns)
      }
      if lane.index == 0 { move(running, to: mean, inverse, by: momentum, rows: batchRows) }
    } else {
      mean.copy(from: running.mean)
      inverse.copy(from: running.variance)
    }
    for column in 0..<columns { inverse.pointer[column] = 1 / (inverse.pointer[column] + epsilon).squareRoot() }
    let record = BatchNormRecord(a: a, gamma: gamma, beta: beta, mean: mean, inverse: inverse, batchRows: batchRows)
    return self.record(.batchNorm(record), a.shape, from: a, gamma, beta) {
      loam_f32_normalise(
        $0, pointer(a), mean.pointer, inverse.pointer, pointer(gamma), pointer(beta), rows, columns)
    }
  }

  /// Column sums of this lane, added over the lanes and divided by the rows of the batch, which are returned.
  func meanOverBatch(_ out: Tensor, rows: Int, sums: (UnsafeMutablePointer<Float>) -> Void) -> Float {
    let scratch = arena.tensor(Shape(out.count + 1))
    sums(scratch.pointer)
    scratch.pointer[out.count] = Float(rows)
    lane.sum(scratch)
    let batchRows = scratch.pointer[out.count]
    loam_f32_scale(out.pointer, scratch.pointer, 1 / batchRows, out.count, false)
    arena.release(scratch)
    return batchRows
  }

  private func move(_ running: RunningStatistics, to mean: Tensor, _ variance: Tensor, by momentum: Float, rows: Float)
  {
    let unbiased = rows > 1 ? rows / (rows - 1) : 1
    for column in 0..<mean.count {
      running.mean.pointer[column] += momentum * (mean.pointer[column] - running.mean.pointer[column])
      let target = unbiased * variance.pointer[column]
      running.variance.pointer[column] += momentum * (target - running.variance.pointer[column])
    }
  }
}
