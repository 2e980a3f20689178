import LoamKernels

/// Products of many small matrices, softmax with masks, and layer norm.
extension Tape {
  /// `a[n] · b[n]` for each n: `[n, rows, inner]` by `[n, inner, columns]`. With `transposeA`, `a` is
  /// `[n, inner, rows]`; with `transposeB`, `b` is `[n, columns, inner]`.
  public func batchedMatmul(
    _ a: Variable, _ b: Variable, transposeA: Bool = false, transposeB: Bool = false
  ) -> Variable {
    product(a, b, .batches(transposeA: transposeA, transposeB: transposeB))
  }

  /// Each group's rows by the group's own matrix: `a` `[batch, groups, inner]`, `weights` `[groups, inner, columns]`;
  /// result `[batch, groups, columns]`.
  public func groupedMatmul(_ a: Variable, _ weights: Variable) -> Variable { product(a, weights, .groups) }

  /// One matrix from the left to each: `weight` `[rows, inner]`, `a` `[batch, inner, columns]`; result
  /// `[batch, rows, columns]`.
  public func mix(_ a: Variable, weight: Variable) -> Variable { product(weight, a, .one) }

  /// Scaled dot-product attention of several heads: `softmax(q kᵀ / √width) v` for each, heads side by side.
  ///
  /// Shapes: `queries` `[batch, steps, heads · width]`, `keys` and `values` `[batch, places, heads · width]`, `mask`
  /// `[batch, places]` of 1 and 0; result like `queries`. With `causal`, step t sees the places up to t. A step that may
  /// see nothing is zero. Dropout is on the probabilities. Source: Vaswani et al., arXiv 1706.03762, eq. 1; `scale`
  /// nil is 1/√width.
  public func attention(
    queries: Variable, keys: Variable, values: Variable, heads: Int, scale: Float? = nil, mask: Tensor? = nil,
    causal: Bool = false, dropout: (probability: Float, key: DropoutKey)? = nil
  ) -> Variable {
    let (q, k, v) = (queries.shape, keys.shape, values.shape)
    precondition(
      q.rank == 3 && k.rank == 3 && v.rank == 3 && q[0] == k[0] && k[0] == v[0] && k[1] == v[1] && q[2] == k[2]
        && q[2] % heads == 0 && v[2] % heads == 0 && (mask?.shape ?? Shape(k[0], k[1])) == Shape(k[0], k[1]),
      "attention of \(heads) heads: queries \(q), keys \(k), values \(v), mask \(mask?.shape, default: "none")")
    let record = AttentionRecord(
      queries: queries, keys: keys, values: values, heads: heads,
      factor: scale ?? 1 / Float(q[2] / heads).squareRoot(), mask: mask, causal: causal,
      dropout: dropout.flatMap { $0.probability > 0 ? $0 : nil }, shares: arena.tensor(Shape(q[0], heads, q[1], k[1])))
    return self.record(.attention(record), record.shape, from: queries, keys, values) { attend(record, into: $0) }
  }

  private func attend(_ record: AttentionRecord, into y: UnsafeMutablePointer<Float>) {
    let room = arena.tensor(record.roomShape)
    let (q, k, v) = (pointer(record.queries), pointer(record.keys), pointer(record.values))
    record.forEachBlock { rows in
      let (scores, sums) = (record.scores(rows.count), record.sums(rows.count))
      let shares = record.shares.pointer + rows.lowerBound * record.scoresPerRow
      scores.multiply(
        scores.a.source(q, from: rows.lowerBound), scores.b.source(k, from: rows.lowerBound),
        into: (room.pointer, scores.c))
      loam_f32_softmax(
        shares, room.pointer, record.factor, record.mask.map { $0.pointer + rows.lowerBound * record.places },
        record.causal, rows.count, record.heads * record.steps, record.steps, record.places)
      let seen = record.drop(shares, rows, lane, room: room)
      sums.multiply(
        (seen, sums.a), sums.b.source(v, from: rows.lowerBound),
        into: (y + rows.lowerBound * sums.c.outerStride, sums.c))
    }
    arena.release(room)
  }

  /// Softmax of `factor · a` along the innermost axis.
  ///
  /// `a` `[batch, ..., steps, columns]`, or `[batch, columns]`. Columns where `mask` `[batch, columns]` is 0, and with
  /// `causal` those after their step, become 0; so does a row without any column left.
  public func softmax(_ a: Variable, factor: Float = 1, mask: Tensor? = nil, causal: Bool = false) -> Variable {
    let (batch, columns) = (a.shape[0], a.shape.columns)
    precondition(
      mask.map { $0.shape == Shape(batch, columns) } ?? true, "softmax: a \(a.shape), mask \(mask!.shape)")
    let steps = a.shape.rank > 2 ? a.shape[a.shape.rank - 2] : 1
    return record(.softmax(a: a, factor: factor, mask: mask, causal: causal), a.shape, from: a) {
      loam_f32_softmax(
        $0, pointer(a), factor, mask?.pointer, causal, batch, a.shape.rows / batch, steps, columns)
    }
  }

  /// `(a - mean) / √(variance + epsilon) · gamma + beta` over the innermost axis. Source: Ba et al., arXiv 1607.06450.
  public func layerNorm(_ a: Variable, gamma: Variable, beta: Variable, epsilon: Float = 1e-5) -> Variable {
    let (rows, columns) = (a.shape.rows, a.shape.columns)
    precondition(
      gamma.shape == Shape(columns) && beta.shape == gamma.shape,
      "layerNorm: a \(a.shape), gamma \(gamma.shape), beta \(beta.shape)")
    let mean = arena.tensor(Shape(rows)), inverse = arena.tensor(Shape(rows))
    let operation = Operation.layerNorm(
      a: a, gamma: gamma, beta: beta, epsilon: epsilon, mean: mean, inverse: inverse)
    return record(operation, a.shape, from: a, gamma, beta) {
      loam_f32_layer_norm(
        $0, mean.pointer, inverse.pointer, pointer(a), pointer(gamma), pointer(beta), epsilon, rows, columns)
    }
  }

  private func product(_ a: Variable, _ b: Variable, _ kind: BatchedProduct) -> Variable {
    let plan = kind.plan(a.shape, b.shape)
    return record(.batchedProduct(a: a, b: b, kind: kind), plan.shape, from: a, b) {
      plan.multiply((UnsafePointer(pointer(a)), plan.a), (UnsafePointer(pointer(b)), plan.b), into: ($0, plan.c))
    }
  }
}
