import LoamKernels

/// Sums over axes, cutting, joining and pooling.
extension Tape {
  /// The sum over one axis, which disappears from the shape.
  public func sum(_ a: Variable, axis: Int) -> Variable { sum(a, axis: axis, factor: 1) }

  /// The mean over one axis, which disappears from the shape.
  public func mean(_ a: Variable, axis: Int) -> Variable { sum(a, axis: axis, factor: 1 / Float(a.shape[axis])) }

  /// The sum of all elements, `[1]`.
  public func sum(_ a: Variable) -> Variable {
    sum(a, shape: Shape(1), outer: 1, axis: a.shape.count, inner: 1, factor: 1)
  }

  private func sum(_ a: Variable, axis: Int, factor: Float) -> Variable {
    let length = a.shape[axis]
    let outer = (0..<axis).reduce(1) { $0 * a.shape[$1] }
    return sum(
      a, shape: a.shape.removing(axis: axis), outer: outer, axis: length, inner: a.shape.count / (outer * length),
      factor: factor)
  }

  private func sum(_ a: Variable, shape: Shape, outer: Int, axis: Int, inner: Int, factor: Float) -> Variable {
    record(.sum(a: a, outer: outer, axis: axis, inner: inner, factor: factor), shape, from: a) {
      loam_f32_sum_axis($0, pointer(a), factor, outer, axis, inner, false)
    }
  }

  /// Joins tensors of equal outer axes along the innermost axis.
  public func concat(_ parts: Variable...) -> Variable { concat(parts) }

  public func concat(_ parts: [Variable]) -> Variable {
    precondition(!parts.isEmpty, "concat: nothing to join")
    for part in parts {
      precondition(
        part.shape.replacingColumns(1) == parts[0].shape.replacingColumns(1),
        "concat: outer axes of \(part.shape) and \(parts[0].shape) differ")
    }
    let columns = parts.reduce(0) { $0 + $1.shape.columns }
    let value = arena.tensor(parts[0].shape.replacingColumns(columns))
    var begin = 0
    for part in parts {
      let width = part.shape.columns
      loam_f32_copy_rows(value.pointer + begin, columns, pointer(part), width, part.shape.rows, width, false)
      begin += width
    }
    let first = operands.count
    operands.append(contentsOf: parts)
    return append(
      .concat(operands: first..<operands.count), value,
      wantsGradient: parts.contains { nodes[$0.index].wantsGradient })
  }

  /// A range of the innermost axis.
  public func slice(_ a: Variable, columns: Range<Int>) -> Variable {
    precondition(
      columns.lowerBound >= 0 && columns.upperBound <= a.shape.columns && !columns.isEmpty,
      "slice: columns \(columns) of \(a.shape)")
    return record(.slice(a: a, columns: columns), a.shape.replacingColumns(columns.count), from: a) {
      loam_f32_copy_rows(
        $0, columns.count, pointer(a) + columns.lowerBound, a.shape.columns, a.shape.rows, columns.count, false)
    }
  }

  /// The same numbers under another shape; nothing is copied.
  public func reshape(_ a: Variable, _ shape: Shape) -> Variable {
    append(.reshape(a: a), value(of: a).reshaped(shape), wantsGradient: nodes[a.index].wantsGradient)
  }

  /// Sums of bags of consecutive rows: bag `b` is rows `offsets[b] ..< offsets[b + 1]`; an empty bag is zero.
  ///
  /// Shapes: `a` `[rows, columns]`, `offsets` of `bags + 1` numbers from 0 to `rows`; result `[bags, columns]`.
  public func pool(_ a: Variable, offsets: [Int32]) -> Variable {
    precondition(
      a.shape.rank == 2 && offsets.count >= 2 && offsets[0] == 0 && Int(offsets[offsets.count - 1]) == a.shape[0]
        && zip(offsets, offsets.dropFirst()).allSatisfy { $0 <= $1 },
      "pool: offsets must rise from 0 to the rows of a \(a.shape.named("rows", "columns"))")
    return record(.poolRagged(a: a, offsets: offsets), Shape(offsets.count - 1, a.shape[1]), from: a) {
      loam_f32_pool($0, pointer(a), offsets, offsets.count - 1, a.shape[1])
    }
  }
}
