import LoamStore
import Testing

@testable import LoamExport

struct RowFormTests {
  static let rows: [Float] = [0.5, -1.25, 3, 1e-3, 0, 0, 0, 0, 1e-6, -2e-6, 5e-7, 0]

  @Test(arguments: RowForm.allCases)
  func `what is read again is near, zero stays zero, and rounding twice changes nothing`(
    _ form: RowForm
  ) {
    let once = form.rounded(Self.rows, width: 4)
    #expect(form.rounded(once, width: 4) == once)
    for (row, (a, b)) in zip(Self.rows, once).enumerated() {
      let largest = Self.rows[row / 4 * 4..<row / 4 * 4 + 4].reduce(0) { max($0, abs($1)) }
      // int8: half a step; bf16 has 8 bits, f16 11, and steps of 2^-24 near zero.
      let allowed: Float =
        switch form {
        case .f32: 0
        case .f16: max(abs(a) / 2048, 0x1p-25)
        case .bf16: abs(a) / 256
        case .int8: max(largest / 127 * 0.501, 0x1p-25)
        }
      #expect(abs(a - b) <= allowed, "\(form) \(a) \(b)")
      if a == 0 { #expect(b == 0) }
    }
  }

  @Test func `int8 takes 30 % of the bytes of f32 where rows have ten numbers`() {
    let values = (0..<100).map { Float($0) }
    let (rows, scales) = RowForm.int8.encode(values, width: 10)
    #expect(rows.count + 2 * scales.count == 120 && values.count * 4 == 400)
  }

  @Test(arguments: [RowForm.f16, .bf16, .int8])
  func `what is not finite stays so, and what is too small becomes zero`(_ form: RowForm) {
    for value: Float in [.nan, .infinity, -.infinity] {
      #expect(form.rounded([0.5, value, 1], width: 3).contains { !$0.isFinite }, "\(value)")
    }
    #expect(form.rounded([.leastNonzeroMagnitude, 0], width: 2)[1] == 0)
    #expect(form.rounded([.leastNonzeroMagnitude, 0], width: 2)[0].isFinite)
  }

  @Test func `no magnitude of a row is cut off`() {
    for largest: Float in [1, 0.1, 127, 1e-5, 12_345.678] {
      let (rows, scales) = RowForm.int8.encode([largest, -largest], width: 2)
      let step = HalfPrecision.value(scales[0])
      #expect(largest / step <= 127 && rows[1] == 0 &- rows[0], "\(largest) is \(largest / step) steps, \(rows)")
    }
  }
}
