import LoamKernels
import OneDNN

extension Tape {
  /// da = dy bᵀ, db = aᵀ dy, matrix by matrix; what is stored transposed gets the transpose.
  func propagate(_ dy: Tensor, throughProduct kind: BatchedProduct, _ a: Variable, _ b: Variable) {
    let plan = kind.plan(a.shape, b.shape)
    let slope = (UnsafePointer(dy.pointer), plan.c), slopeFlipped = (UnsafePointer(dy.pointer), plan.c.flipped)
    let left = UnsafePointer(pointer(a)), right = UnsafePointer(pointer(b))
    flow(a) {
      if plan.a.transposed {
        multiply((right, plan.b), slopeFlipped, into: ($0, plan.a.flipped), plan, accumulating: $1)
      } else {
        multiply(slope, (right, plan.b.flipped), into: ($0, plan.a), plan, accumulating: $1)
      }
    }
    flow(b) {
      if plan.b.transposed {
        multiply(slopeFlipped, (left, plan.a), into: ($0, plan.b.flipped), plan, accumulating: $1)
      } else {
        multiply((left, plan.a.flipped), slope, into: ($0, plan.b), plan, accumulating: $1)
      }
    }
  }

  private func multiply(
    _ a: (UnsafePointer<Float>, MatrixBatch), _ b: (UnsafePointer<Float>, MatrixBatch),
    into c: (UnsafeMutablePointer<Float>, MatrixBatch), _ plan: BatchedProduct.Plan, accumulating: Bool
  ) {
    OneDNN.multiply(a, b, into: c, outer: plan.outer, inner: plan.inner, accumulating: accumulating)
  }

  /// With x̂ = (a - mean) inverse and s = dy gamma, per row: da = inverse (s - mean(s) - x̂ mean(s x̂));
  /// dgamma = Σ dy x̂, dbeta = Σ dy.
  func propagate(
    _ dy: Tensor, throughLayerNorm a: Variable, gamma: Variable, beta: Variable, mean: Tensor, inverse: Tensor
  ) {
    let (rows, columns) = (dy.shape.rows, dy.shape.columns)
    let dgamma = arena.tensor(Shape(columns)), dbeta = arena.tensor(Shape(columns))
    dgamma.fill(0)
    dbeta.fill(0)
    let scratch = arena.tensor(dy.shape)
    let gradient = { (out: UnsafeMutablePointer<Float>, add: Bool) in
      loam_f32_layer_norm_gradient(
        out, dgamma.pointer, dbeta.pointer, dy.pointer, self.pointer(a), mean.pointer, inverse.pointer,
        self.pointer(gamma), rows, columns, add)
    }
    if wantsGradient(a) { flow(a, gradient) } else { gradient(scratch.pointer, false) }
    flow(gamma) { loam_f32_scale($0, dgamma.pointer, 1, columns, $1) }
    flow(beta) { loam_f32_scale($0, dbeta.pointer, 1, columns, $1) }
    for tensor in [dgamma, dbeta, scratch] { arena.release(tensor) }
  }
}
