import LoamKernels
import OneDNN

extension Tape {
  /// da = dy bᵀ, db = aᵀ dy, matrix by matrix; what is stored transposed gets the transpose.
  func propagate(_ dy: Tensor, throughProduct kind: BatchedProduct, _ a: Variable, _ b: Variable) {
    let plan = kind.plan(a.shape, b.shape)
    let slope = (UnsafePointer(dy.pointer), plan.c), slopeFlipped = (UnsafePointer(dy.pointer), plan.c.flipped)
    let left = UnsafePointer(pointer(a)), right = UnsafePointer(pointer(b))
    flow(a) {
      if kind == .one {
        addUp(slope, (right, plan.b.flipped), into: ($0, plan.a), plan, accumulating: $1)
      } else if plan.a.transposed {
        plan.multiply((right, plan.b), slopeFlipped, into: ($0, plan.a.flipped), accumulating: $1)
      } else {
        plan.multiply(slope, (right, plan.b.flipped), into: ($0, plan.a), accumulating: $1)
      }
    }
    flow(b) {
      if plan.b.transposed {
        plan.multiply(slopeFlipped, (left, plan.a), into: ($0, plan.b.flipped), accumulating: $1)
      } else {
        plan.multiply((left, plan.a.flipped), slope, into: ($0, plan.b), accumulating: $1)
      }
    }
  }

  /// The sum of all products, by blocks of them: rounding errors grow with the square root of what one running sum would
  /// have.
  private func addUp(
    _ a: BatchedProduct.Plan.Source, _ b: BatchedProduct.Plan.Source,
    into c: (start: UnsafeMutablePointer<Float>, at: MatrixBatch), _ plan: BatchedProduct.Plan, accumulating: Bool
  ) {
    let blockProducts = 64, count = c.at.rows * c.at.columns
    let block = arena.tensor(Shape(count))
    if !accumulating { c.start.update(repeating: 0, count: count) }
    for first in stride(from: 0, to: plan.outer, by: blockProducts) {
      var part = plan
      part.outer = min(blockProducts, plan.outer - first)
      block.fill(0)
      part.multiply(
        (a.start + first * a.at.outerStride, a.at), (b.start + first * b.at.outerStride, b.at),
        into: (block.pointer, c.at), accumulating: true)
      loam_f32_scale(c.start, block.pointer, 1, count, true)
    }
    arena.release(block)
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
