import Foundation
import LoamKernels
import Testing

@testable import LoamTensor

/// Kernels that look across rows, of every width around those of vectors, beside plain loops in f64.
@Suite struct RowKernelTests {
  static let widths = [1, 3, 8, 15, 16, 17, 27, 31, 32, 33, 70]

  private static func numbers(_ stream: UInt64, _ count: Int) -> [Float] {
    (0..<count).map { 2 * CounterRandom(seed: 9, stream: stream).normal(UInt64($0)) }
  }

  private static func expectClose(_ found: [Float], _ expected: [Double], _ what: String) {
    let errors = zip(found, expected).map { abs(Double($0) - $1) / max(1, abs($1)) }
    #expect(found.count == expected.count && errors.allSatisfy { $0 < 3e-6 }, "\(what): \(errors.max()!)")
  }

  @Test(arguments: widths, [(false, false), (true, false), (false, true), (true, true)])
  func `softmax is the shares of powers where a step may look, and 0 elsewhere`(
    columns: Int, seen: (masked: Bool, causal: Bool)
  ) {
    let (batch, heads, steps, factor) = (3, 2, 40, Float(0.7))
    let rows = heads * steps, a = Self.numbers(1, batch * rows * columns)
    // The first of the batch sees nothing, the second all but the first column, the third every other column.
    let mask = (0..<batch * columns).map { at -> Float in
      [0, at % columns > 0 ? 1 : 0, Float(at % columns % 2)][at / columns]
    }
    var found = [Float](repeating: -1, count: a.count)
    loam_f32_softmax(&found, a, factor, seen.masked ? mask : nil, seen.causal, batch, rows, steps, columns)
    var expected: [Double] = []
    for row in 0..<batch * rows {
      let powers = (0..<columns).map { column -> Double in
        if seen.masked, mask[row / rows * columns + column] == 0 { return 0 }
        if seen.causal, column > row % rows % steps { return 0 }
        return exp(Double(factor * a[row * columns + column]))
      }
      let sum = powers.reduce(0, +)
      expected += powers.map { sum > 0 ? $0 / sum : 0 }
    }
    Self.expectClose(found, expected, "\(columns) columns")
    #expect(zip(found, expected).allSatisfy { ($0 == 0) == ($1 == 0) })
  }

  @Test(arguments: widths) func `the gradient of softmax is the same in place, into other memory and added`(
    columns: Int
  ) {
    let rows = 4, dy = Self.numbers(2, rows * columns), before = Self.numbers(3, rows * columns)
    var y = [Float](repeating: 0, count: rows * columns)
    loam_f32_softmax(&y, Self.numbers(4, rows * columns), 1, nil, false, rows, 1, 1, columns)
    let expected = (0..<rows * columns).map { at -> Double in
      let row = at / columns * columns..<(at / columns + 1) * columns
      let dot = row.reduce(0.0) { $0 + Double(dy[$1]) * Double(y[$1]) }
      return 0.3 * Double(y[at]) * (Double(dy[at]) - dot)
    }
    var (fresh, added, inPlace) = (before, before, dy)
    loam_f32_softmax_gradient(&fresh, dy, y, 0.3, rows, columns, false)
    loam_f32_softmax_gradient(&added, dy, y, 0.3, rows, columns, true)
    inPlace.withUnsafeMutableBufferPointer {
      loam_f32_softmax_gradient($0.baseAddress!, $0.baseAddress!, y, 0.3, rows, columns, false)
    }
    Self.expectClose(fresh, expected, "\(columns) columns")
    Self.expectClose(added, zip(expected, before).map { $0 + Double($1) }, "\(columns) columns, added")
    #expect(inPlace == fresh)
  }

  @Test(arguments: widths) func `layer norm and its gradients follow their formulas`(columns: Int) {
    let rows = 5, a = Self.numbers(5, rows * columns), dy = Self.numbers(6, rows * columns)
    let (gamma, beta) = (Self.numbers(7, columns), Self.numbers(8, columns)), epsilon = 0.1
    var (y, mean, inverse) = (a, [Float](repeating: 0, count: rows), [Float](repeating: 0, count: rows))
    loam_f32_layer_norm(&y, &mean, &inverse, a, gamma, beta, Float(epsilon), rows, columns)
    var da = Self.numbers(9, rows * columns)
    var (dgamma, dbeta) = ([Float](repeating: 1, count: columns), [Float](repeating: 2, count: columns))
    let before = da.map(Double.init)
    loam_f32_layer_norm_gradient(&da, &dgamma, &dbeta, dy, a, mean, inverse, gamma, rows, columns, true)

    var expected = (y: [Double](), da: [Double]())
    var dgammaExpected = [Double](repeating: 1, count: columns), dbetaExpected = [Double](repeating: 2, count: columns)
    for first in stride(from: 0, to: a.count, by: columns) {
      let row = (first..<first + columns).map { Double(a[$0]) }, count = Double(columns)
      let centre = row.reduce(0, +) / count
      let scale = 1 / (row.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / count + epsilon).squareRoot()
      let normal = row.map { ($0 - centre) * scale }
      let slopes = (0..<columns).map { Double(dy[first + $0]) * Double(gamma[$0]) }
      let mean = slopes.reduce(0, +) / count, product = zip(slopes, normal).reduce(0) { $0 + $1.0 * $1.1 } / count
      for column in 0..<columns {
        expected.y.append(normal[column] * Double(gamma[column]) + Double(beta[column]))
        expected.da.append(before[first + column] + scale * (slopes[column] - mean - normal[column] * product))
        dgammaExpected[column] += Double(dy[first + column]) * normal[column]
        dbetaExpected[column] += Double(dy[first + column])
      }
    }
    Self.expectClose(y, expected.y, "\(columns) columns, value")
    Self.expectClose(da, expected.da, "\(columns) columns, gradient")
    Self.expectClose(dgamma, dgammaExpected, "\(columns) columns, gamma")
    Self.expectClose(dbeta, dbetaExpected, "\(columns) columns, beta")
  }

  @Test(arguments: [(300, 16), (301, 16), (8, 32), (130, 64), (65, 3), (7, 100), (90, 1)])
  func `sums over an axis are those of its columns, fresh and added`(axis: Int, inner: Int) {
    // Whole numbers: sums are exact in f32.
    let outer = 2, a = (0..<outer * axis * inner).map { Float($0 * 7 % 11 - 5) }
    let before = (0..<outer * inner).map(Float.init)
    let expected = before.indices.map { at -> Float in
      let start = at / inner * axis * inner + at % inner
      return (0..<axis).reduce(0) { $0 + 0.5 * a[start + $1 * inner] }
    }
    var (fresh, added) = (before, before)
    loam_f32_sum_axis(&fresh, a, 0.5, outer, axis, inner, false)
    loam_f32_sum_axis(&added, a, 0.5, outer, axis, inner, true)
    #expect(fresh == expected)
    #expect(added == zip(expected, before).map { $0 + $1 })
  }

  @Test func `powers are right to a few units in the last place, and what is no number stays none`() {
    let a = (0..<1_700).map { Float($0 - 850) / 10 } + [.nan, .infinity, -.infinity]
    var y = a
    loam_f32_sigmoid(&y, a, a.count)
    for (x, found) in zip(a, y).prefix(1_700) {
      let expected = 1 / (1 + exp(-Double(x)))
      #expect(abs(Double(found) - expected) <= 4e-7 * expected, "\(x)")
    }
    #expect(y[1_700].isNaN && y[1_701] == 1 && y[1_702] < 1e-37)
  }
}
