import COneDNN

/// Matrices inside a larger tensor: one for each pair of an outer and an inner index.
///
/// ```
/// heads of [batch, steps, heads · width], as [steps, width] matrices:
///   outer = batch, outerStride = steps · heads · width      inner = heads, innerStride = width
///   rows = steps, rowStride = heads · width                 columns = width
/// ```
/// `rows` and `columns` are as stored; `transposed` reads each matrix as its transpose.
public struct MatrixBatch: Sendable, Equatable {
  public var outerStride: Int
  public var innerStride: Int
  public var rows: Int
  public var columns: Int
  public var rowStride: Int
  public var transposed: Bool

  public init(
    outerStride: Int, innerStride: Int, rows: Int, columns: Int, rowStride: Int, transposed: Bool = false
  ) {
    (self.outerStride, self.innerStride, self.rows, self.columns) = (outerStride, innerStride, rows, columns)
    (self.rowStride, self.transposed) = (rowStride, transposed)
  }

  /// The same memory, read the other way round.
  public var flipped: MatrixBatch {
    var flipped = self
    flipped.transposed.toggle()
    return flipped
  }

  /// Rows of a matrix as it is read.
  public var height: Int { transposed ? columns : rows }
  public var width: Int { transposed ? rows : columns }

  func at(_ pointer: UnsafePointer<Float>) -> loam_onednn_matrices {
    loam_onednn_matrices(
      pointer: UnsafeMutablePointer(mutating: pointer), outer_stride: Int64(outerStride),
      inner_stride: Int64(innerStride), row_stride: Int64(rowStride), transposed: transposed)
  }
}

extension OneDNN {
  /// `c = factor · a · b + (accumulating ? c : 0)` for each of `outer · inner` matrices, on the calling thread alone.
  ///
  /// `c` may overlap neither `a` nor `b`, is not transposed, and its matrices do not overlap each other.
  public static func multiply(
    _ a: (UnsafePointer<Float>, MatrixBatch), _ b: (UnsafePointer<Float>, MatrixBatch),
    into c: (UnsafeMutablePointer<Float>, MatrixBatch), outer: Int, inner: Int, factor: Float = 1,
    accumulating: Bool = false
  ) {
    let (rows, shared, columns) = (a.1.height, a.1.width, b.1.width)
    precondition(
      b.1.height == shared && c.1.rows == rows && c.1.columns == columns && !c.1.transposed,
      "[\(rows), \(shared)] · [\(b.1.height), \(columns)] into [\(c.1.rows), \(c.1.columns)]")
    let status = loam_onednn_multiply_batched(
      a.1.at(a.0), b.1.at(b.0), c.1.at(c.0), Int64(outer), Int64(inner), Int64(rows), Int64(shared), Int64(columns),
      factor, accumulating)
    precondition(
      status == 0, "oneDNN \(loadedVersion) refused [\(rows), \(shared)] · [\(shared), \(columns)]: \(status)")
  }
}
