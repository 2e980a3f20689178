import OneDNN
import Testing

@Suite struct MatrixProductTests {
  /// Small whole numbers: products and sums are exact in f32, so that the comparison is exact too.
  static func numbers(_ count: Int, _ salt: Int) -> [Float] { (0..<count).map { Float(($0 * 7 + salt * 3) % 11 - 5) } }

  static func stored(_ values: [Float], rows: Int, columns: Int, transposed: Bool) -> [Float] {
    guard transposed else { return values }
    return (0..<columns).flatMap { column in (0..<rows).map { values[$0 * columns + column] } }
  }

  @Test(arguments: [false, true], [false, true])
  func `a product equals the triple loop, with each transposition, bias, relu and accumulation`(
    transposeA: Bool, transposeB: Bool
  ) {
    let (rows, inner, columns) = (37, 19, 23)
    let a = Self.numbers(rows * inner, 1), b = Self.numbers(inner * columns, 2), bias = Self.numbers(columns, 3)
    let before = Self.numbers(rows * columns, 4)
    let storedA = Self.stored(a, rows: rows, columns: inner, transposed: transposeA)
    let storedB = Self.stored(b, rows: inner, columns: columns, transposed: transposeB)
    for (useBias, accumulating, relu) in [(false, false, false), (true, false, true), (true, true, true)] {
      var c = before
      storedA.withUnsafeBufferPointer { a in
        storedB.withUnsafeBufferPointer { b in
          bias.withUnsafeBufferPointer { bias in
            OneDNN.multiply(
              Matrix(a.baseAddress!, rows: rows, columns: inner, transposed: transposeA),
              Matrix(b.baseAddress!, rows: inner, columns: columns, transposed: transposeB),
              bias: useBias ? bias.baseAddress : nil, into: &c, accumulating: accumulating, relu: relu)
          }
        }
      }
      for row in 0..<rows {
        for column in 0..<columns {
          var sum: Float = accumulating ? before[row * columns + column] : 0
          if useBias { sum += bias[column] }
          for k in 0..<inner { sum += a[row * inner + k] * b[k * columns + column] }
          #expect(c[row * columns + column] == (relu ? max(sum, 0) : sum))
        }
      }
    }
  }

  @Test func `bf16 rounds the factors where the processor multiplies them, and changes nothing elsewhere`() {
    let (rows, inner, columns) = (64, 96, 80)
    let a = (0..<rows * inner).map { Float(($0 * 31) % 257) / 256 - 0.5 }
    let b = (0..<inner * columns).map { Float(($0 * 17) % 127) / 128 - 0.5 }
    let product = { (bf16: Bool) in
      var c = [Float](repeating: 0, count: rows * columns)
      a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
          OneDNN.multiply(
            Matrix(a.baseAddress!, rows: rows, columns: inner), Matrix(b.baseAddress!, rows: inner, columns: columns),
            into: &c, bf16: bf16)
        }
      }
      return c
    }
    let (exact, rounded) = (product(false), product(true))
    // A factor in bf16 is off by at most 2^-9 of itself.
    let bound = OneDNN.hasBF16 ? Float(inner) * 0.25 / 128 : 0
    #expect(zip(exact, rounded).allSatisfy { abs($0 - $1) <= bound })
  }

  @Test func `threads that multiply at once get the same result`() async {
    let a = Self.numbers(64 * 32, 5), b = Self.numbers(32 * 48, 6)
    let product: @Sendable () -> [Float] = {
      var c = [Float](repeating: 0, count: 64 * 48)
      a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
          for _ in 0..<20 {
            OneDNN.multiply(
              Matrix(a.baseAddress!, rows: 64, columns: 32), Matrix(b.baseAddress!, rows: 32, columns: 48), into: &c)
          }
        }
      }
      return c
    }
    let expected = product()
    await withTaskGroup(of: [Float].self) { group in
      for _ in 0..<8 { group.addTask(operation: product) }
      for await result in group { #expect(result == expected) }
    }
  }

  @Test func `the loaded library is one that the shim was written for`() { #expect(OneDNN.versionProblem == nil) }
}
