import LoamKernels
import Testing

@Suite struct SmallProductTests {
  /// Matrices with gaps between rows, `outer` times `inner` of them. Small whole numbers: sums are exact in f32.
  private struct Matrices {
    static let (outer, inner, gap) = (2, 3, 5)
    var numbers: [Float]
    let layout: loam_matrices

    init(rows: Int, columns: Int, transposed: Bool, salt: Int) {
      let (rows, columns) = transposed ? (columns, rows) : (rows, columns)
      let size = rows * (columns + Self.gap)
      layout = loam_matrices(
        outer_stride: size * Self.inner, inner_stride: size, row_stride: columns + Self.gap, transposed: transposed)
      numbers = (0..<size * Self.inner * Self.outer).map { Float(($0 * 7 + salt * 3) % 11 - 5) }
    }

    func place(_ outer: Int, _ inner: Int, _ row: Int, _ column: Int) -> Int {
      let start = outer * layout.outer_stride + inner * layout.inner_stride
      return start + (layout.transposed ? column * layout.row_stride + row : row * layout.row_stride + column)
    }

    subscript(outer: Int, inner: Int, row: Int, column: Int) -> Float { numbers[place(outer, inner, row, column)] }
  }

  @Test(arguments: [false, true], [false, true])
  func `a small product equals the triple loop and leaves the gaps alone`(transposeA: Bool, transposeB: Bool) {
    for (rows, shared, columns) in [
      (27, 8, 27), (6, 27, 8), (5, 3, 16), (7, 128, 33), (1, 1, 1), (3, 2, 9), (13, 20, 12), (10, 9, 23), (2, 16, 24),
    ] {
      let a = Matrices(rows: rows, columns: shared, transposed: transposeA, salt: 1)
      let b = Matrices(rows: shared, columns: columns, transposed: transposeB, salt: 2)
      for adding in [false, true] {
        let before = Matrices(rows: rows, columns: columns, transposed: false, salt: 3)
        var (c, expected) = (before.numbers, before.numbers)
        for outer in 0..<Matrices.outer {
          for inner in 0..<Matrices.inner {
            for row in 0..<rows {
              for column in 0..<columns {
                var sum: Float = 0
                for k in 0..<shared { sum += a[outer, inner, row, k] * b[outer, inner, k, column] }
                let place = before.place(outer, inner, row, column)
                expected[place] = 2 * sum + (adding ? before.numbers[place] : 0)
              }
            }
          }
        }
        loam_f32_small_products(
          &c, before.layout, a.numbers, a.layout, b.numbers, b.layout, Matrices.outer, Matrices.inner, rows, shared,
          columns, 2, adding)
        #expect(c == expected, "\(rows) x \(shared) x \(columns)")
      }
    }
  }
}
