/// A dense row-major matrix in memory that somebody else owns, read as it lies or transposed.
///
/// `rows` and `columns` are those of the product: `Matrix(p, rows: 3, columns: 2, transposed: true)` reads memory
/// that is stored as `[2, 3]`.
public struct Matrix {
  public let pointer: UnsafePointer<Float>
  public let rows: Int
  public let columns: Int
  public let transposed: Bool

  public init(_ pointer: UnsafePointer<Float>, rows: Int, columns: Int, transposed: Bool = false) {
    self.pointer = pointer
    self.rows = rows
    self.columns = columns
    self.transposed = transposed
  }
}
