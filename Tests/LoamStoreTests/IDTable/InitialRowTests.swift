import Foundation
import Testing

@testable import LoamStore

@Suite struct InitialRowTests {
  /// statistics.NormalDist().inv_cdf of Python 3.
  @Test(arguments: [
    (0.5, 0.0), (0.975, 1.9599639845400536), (0.1, -1.2815515655446008), (1e-10, -6.361340902404056),
    (0.3, -0.5244005127080407), (0.99999, 4.26489079392384),
  ])
  func normalQuantilesAreThoseOfTheReference(probability: Double, expected: Double) {
    #expect(abs(NormalQuantile.value(probability) - expected) < 1e-14 * max(1, abs(expected)))
  }

  @Test func theLogarithmIsWithinAnUlpOfTheSystems() {
    for step in 1..<2_000 {
      let x = Double(step) * 0.000_497
      #expect(abs(NormalQuantile.logarithm(x) - log(x)) <= 2 * max(log(x).magnitude, 1e-3).ulp, "x = \(x)")
    }
  }

  private func row(_ type: DataType, _ initial: InitialValue, width: Int = 4) throws -> [UInt8] {
    let column = ColumnSpec("vector", type, width: width, initial: initial)
    let rows = try InitialRow(column, table: TableName(.embedding, "ctr/item"), generation: 0)
    var bytes = [UInt8](repeating: 0xAA, count: column.stride)
    bytes.withUnsafeMutableBytes { rows.write(4711, to: $0.baseAddress!) }
    #expect(bytes.withUnsafeBytes { rows.equals(4711, $0.baseAddress!) })
    return bytes
  }

  /// A change of these bits changes every model trained from a seed: a new format.
  @Test func initialValuesKeepTheirBits() throws {
    let normal = try row(.f32, .normal(deviation: 0.01, seed: 42)).map { String($0, radix: 16) }.joined(separator: " ")
    let uniform = try row(.f32, .uniform(bound: 0.5, seed: 42)).map { String($0, radix: 16) }.joined(separator: " ")
    #expect(normal == "2c 67 cc 39 4b 57 c1 b9 84 9f f0 3c d1 44 7 3c")
    #expect(uniform == "7c c3 7e 3c 89 fb 70 bc 4 27 ff 3e 50 4a 97 3e")
  }

  @Test func initialValuesHaveTheirMoments() throws {
    let bytes = try row(.f32, .normal(deviation: 2, seed: 1), width: 100_000)
    let values = bytes.withUnsafeBytes { $0.bindMemory(to: Float.self).map(Double.init) }
    let mean = values.reduce(0, +) / 100_000
    let variance = values.reduce(0) { $0 + $1 * $1 } / 100_000 - mean * mean
    #expect(abs(mean) < 0.03)
    #expect(abs(variance - 4) < 0.1)
  }

  /// Roots leave initial rows out, so none may be taken for another one, and no other one for it.
  @Test(arguments: [
    InitialValue.zero, .normal(deviation: 0.01, seed: 7), .normal(deviation: 3e30, seed: 7),
    .normal(deviation: 1e-43, seed: 7), .normal(deviation: 0, seed: 7), .uniform(bound: 0.5, seed: 7),
  ])
  func aRowIsTheInitialOneToTheBitOrNotAtAll(initial: InitialValue) throws {
    let name = TableName(.embedding, "m/t")
    let rows = try InitialRow(ColumnSpec("vector", .f32, width: 3, initial: initial), table: name, generation: 1)
    var bytes = [UInt8](repeating: 0, count: 12)
    for id in UInt64(0)..<3_000 {
      bytes.withUnsafeMutableBytes { row in
        rows.write(id, to: row.baseAddress!)
        #expect(rows.equals(id, row.baseAddress!), "ID \(id)")
        let place = Int(id % 12)
        row[place] ^= 1 << UInt8(id / 12 % 8)
        #expect(!rows.equals(id, row.baseAddress!), "ID \(id), byte \(place)")
      }
    }
  }

  @Test func halfPrecisionRoundsToNearestEven() {
    let cases: [(Float, UInt16)] = [
      (1, 0x3C00), (-2, 0xC000), (65504, 0x7BFF), (65520, 0x7C00), (5.960_464_5e-8, 1), (2.980_232_2e-8, 0),
      (0.000_061_035_156, 0x0400), (1.000_488_3, 0x3C00), (1.001_464_8, 0x3C02), (0, 0), (.infinity, 0x7C00),
    ]
    for (value, bits) in cases { #expect(HalfPrecision.f16(value) == bits, "\(value)") }
    #expect(HalfPrecision.bf16(1) == 0x3F80)
    #expect(HalfPrecision.bf16(Float(bitPattern: 0x3F80_8000)) == 0x3F80)
    #expect(HalfPrecision.bf16(Float(bitPattern: 0x3F81_8000)) == 0x3F82)
  }
}
