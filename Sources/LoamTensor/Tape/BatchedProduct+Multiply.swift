import LoamKernels
import OneDNN

extension BatchedProduct.Plan {
  typealias Source = (start: UnsafePointer<Float>, at: MatrixBatch)

  /// `c = a · b + (accumulating ? c : 0)` for all matrices.
  ///
  /// Matrices of attention over a few dozen vectors take less time than a call of oneDNN does: the kernel loops over them.
  func multiply(
    _ a: Source, _ b: Source, into c: (start: UnsafeMutablePointer<Float>, at: MatrixBatch), accumulating: Bool = false
  ) {
    let (rows, shared, columns) = (a.at.height, a.at.width, b.at.width)
    guard shared <= loam_small_product_max, rows * columns <= Self.smallElementsMax else {
      return OneDNN.multiply(a, b, into: c, outer: outer, inner: inner, accumulating: accumulating)
    }
    precondition(
      b.at.height == shared && c.at.rows == rows && c.at.columns == columns && !c.at.transposed,
      "[\(rows), \(shared)] · [\(b.at.height), \(columns)] into [\(c.at.rows), \(c.at.columns)]")
    loam_f32_small_products(
      c.start, loam_matrices(c.at), a.start, loam_matrices(a.at), b.start, loam_matrices(b.at), outer, inner, rows,
      shared, columns, 1, accumulating)
  }

  /// Elements of a result that lies in the nearest cache beside its operands.
  private static let smallElementsMax = 4_096
}

extension loam_matrices {
  fileprivate init(_ batch: MatrixBatch) {
    self.init(
      outer_stride: batch.outerStride, inner_stride: batch.innerStride, row_stride: batch.rowStride,
      transposed: batch.transposed)
  }
}
