import LoamTensor

/// Products of many matrices, and what masks decide.
extension NetworkGraph {
  mutating func product(_ a: Variable, _ b: Variable, _ kind: BatchedProduct) -> String {
    switch kind {
    case .batches(let transposeA, let transposeB):
      return builder.node(
        "MatMul", transposeA ? turned(name(a), [0, 2, 1]) : name(a), transposeB ? turned(name(b), [0, 2, 1]) : name(b))
    case .one: return builder.node("MatMul", name(a), name(b))
    case .groups:
      return turned(builder.node("MatMul", turned(name(a), [1, 0, 2]), name(b)), [1, 0, 2])
    }
  }

  mutating func attention(_ record: AttentionRecord) throws(ExportError) -> String {
    guard record.dropout == nil else { throw NetworkTrace.unsupported("attention drops out: it is one of training") }
    let (heads, values) = (record.heads, record.values)
    let scores = builder.node(
      "MatMul", turned(split(record.queries, heads), [0, 2, 1, 3]), turned(split(record.keys, heads), [0, 2, 3, 1]))
    let shares = try softmax(
      scores, record.shares.shape, record.factor, mask: record.mask, causal: record.causal)
    let sums = builder.node("MatMul", shares, turned(split(values, heads), [0, 2, 1, 3]))
    return builder.reshape(
      turned(sums, [0, 2, 1, 3]), [-1, Int64(record.queries.shape[1]), Int64(values.shape[2])])
  }

  private mutating func turned(_ value: String, _ axes: [Int]) -> String {
    builder.node("Transpose", value, with: [.ints("perm", axes)])
  }

  /// `[batch, steps, heads · width]` to `[batch, steps, heads, width]`.
  private mutating func split(_ x: Variable, _ heads: Int) -> String {
    builder.reshape(name(x), [-1, Int64(x.shape[1]), Int64(heads), Int64(x.shape[2] / heads)])
  }

  /// What may not be seen is as good as -∞ before the softmax and exactly 0 after it, in a row that sees nothing too.
  mutating func softmax(
    _ a: String, _ shape: Shape, _ factor: Float, mask: Tensor?, causal: Bool
  ) throws(ExportError) -> String {
    let scaled = factor == 1 ? a : builder.node("Mul", a, builder.float(factor))
    let columns = shape.columns
    var allowed: [String] = []
    if let mask {
      let middle = [Int64](repeating: 1, count: shape.rank - 2)
      let shaped = builder.reshape(masks[try trace.sequence(ofMask: mask)], [-1] + middle + [Int64(columns)])
      allowed.append(builder.cast(shaped, to: .bool))
    }
    if causal {
      let steps = shape.rank > 2 ? shape[shape.rank - 2] : 1
      allowed.append(
        builder.bools((0..<steps).flatMap { step in (0..<columns).map { $0 <= step } }, [steps, columns]))
    }
    guard !allowed.isEmpty else { return builder.node("Softmax", scaled, with: [.int("axis", -1)]) }
    let seen = allowed.count == 1 ? allowed[0] : builder.node("And", allowed[0], allowed[1])
    let lowered = builder.node("Where", seen, scaled, builder.float(-1e30))
    let shares = builder.node("Softmax", lowered, with: [.int("axis", -1)])
    return builder.node("Where", seen, shares, builder.float(0))
  }

  mutating func largestStep(_ a: Variable, _ mask: Tensor) throws(ExportError) -> String {
    let steps = masks[try trace.sequence(ofMask: mask)]
    let seen = builder.cast(builder.unsqueeze(steps, 2), to: .bool)
    let lowered = builder.node("Where", seen, name(a), builder.float(-.greatestFiniteMagnitude))
    let largest = builder.node("ReduceMax", lowered, with: [.ints("axes", [1]), .int("keepdims", 0)])
    let any = builder.node("ReduceMax", steps, with: [.ints("axes", [1]), .int("keepdims", 1)])
    return builder.node("Where", builder.cast(any, to: .bool), largest, builder.float(0))
  }
}
