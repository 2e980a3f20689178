import LoamKernels

extension Tape {
  /// With x̂ = (a - mean) inverse and N rows in the batch:
  ///
  ///     dgamma = Σ dy x̂        dbeta = Σ dy
  ///     da = gamma inverse (dy - Σ dy / N - x̂ Σ (dy x̂) / N)
  ///
  /// The sums under da are over the whole batch; dgamma and dbeta are this lane's share. With running statistics the
  /// two means are zero.
  func propagate(_ dy: Tensor, throughBatchNorm record: BatchNormRecord) {
    let (rows, columns) = (dy.shape[0], dy.shape[1])
    let (a, mean, inverse) = (pointer(record.a), record.mean.pointer, record.inverse.pointer)
    let sum = arena.tensor(Shape(columns)), product = arena.tensor(Shape(columns)), scale = arena.tensor(Shape(columns))
    loam_f32_sum_axis(sum.pointer, dy.pointer, 1, 1, rows, columns, false)
    loam_f32_centred_products(product.pointer, dy.pointer, a, mean, rows, columns)
    flow(record.beta) { loam_f32_scale($0, sum.pointer, 1, columns, $1) }
    flow(record.gamma) { loam_f32_product($0, product.pointer, inverse, 1, columns, $1) }

    loam_f32_product(scale.pointer, pointer(record.gamma), inverse, 1, columns, false)
    if record.batchRows > 0 {
      lane.sum(sum)
      lane.sum(product)
      for column in 0..<columns {
        let factor = -scale.pointer[column] / record.batchRows
        sum.pointer[column] *= factor
        product.pointer[column] *= factor * inverse[column] * inverse[column]
      }
    } else {
      sum.fill(0)
      product.fill(0)
    }
    flow(record.a, reusing: dy) {
      loam_f32_normalise_gradient(
        $0, dy.pointer, a, mean, scale.pointer, product.pointer, sum.pointer, rows, columns, $1)
    }
    arena.release(sum)
    arena.release(product)
    arena.release(scale)
  }
}
