import OneDNN

/// Which matrices of two tensors are multiplied with each other.
package enum BatchedProduct: Equatable {
  /// `[n, rows, inner]` by `[n, inner, columns]` to `[n, rows, columns]`; either stored transposed.
  case batches(transposeA: Bool, transposeB: Bool)
  /// Groups `[batch, groups, inner]`, each by its own matrix of `[groups, inner, columns]`, to
  /// `[batch, groups, columns]`.
  case groups
  /// One matrix `[rows, inner]` by each of `[batch, inner, columns]`, to `[batch, rows, columns]`.
  case one

  /// Where the matrices lie in a, b and the result, and how many there are.
  struct Plan {
    var a, b, c: MatrixBatch
    var outer, inner: Int
    var shape: Shape
  }

  func plan(_ a: Shape, _ b: Shape) -> Plan {
    switch self {
    case .batches(let transposeA, let transposeB):
      require(a.rank == 3 && b.rank == 3 && a[0] == b[0] && a[transposeA ? 1 : 2] == b[transposeB ? 2 : 1], a, b)
      let (rows, columns) = (a[transposeA ? 2 : 1], b[transposeB ? 1 : 2])
      return Plan(
        a: Self.whole(a, transposed: transposeA), b: Self.whole(b, transposed: transposeB),
        c: Self.whole(Shape(a[0], rows, columns)), outer: a[0], inner: 1, shape: Shape(a[0], rows, columns))
    case .one:
      require(a.rank == 2 && b.rank == 3 && a[1] == b[1], a, b)
      let shape = Shape(b[0], a[0], b[2])
      return Plan(
        a: MatrixBatch(outerStride: 0, innerStride: 0, rows: a[0], columns: a[1], rowStride: a[1]), b: Self.whole(b),
        c: Self.whole(shape), outer: b[0], inner: 1, shape: shape)
    case .groups:
      require(a.rank == 3 && b.rank == 3 && a[1] == b[0] && a[2] == b[1], a, b)
      let shape = Shape(a[0], a[1], b[2])
      return Plan(
        a: Self.group(a), b: Self.whole(b), c: Self.group(shape), outer: a[1], inner: 1, shape: shape)
    }
  }

  private func require(_ holds: Bool, _ a: Shape, _ b: Shape) { precondition(holds, "\(self): a is \(a), b is \(b)") }

  private static func whole(_ shape: Shape, transposed: Bool = false) -> MatrixBatch {
    MatrixBatch(
      outerStride: shape[1] * shape[2], innerStride: 0, rows: shape[1], columns: shape[2], rowStride: shape[2],
      transposed: transposed)
  }

  private static func group(_ shape: Shape) -> MatrixBatch {
    MatrixBatch(
      outerStride: shape[2], innerStride: 0, rows: shape[0], columns: shape[2], rowStride: shape[1] * shape[2])
  }
}
