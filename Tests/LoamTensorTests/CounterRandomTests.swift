import LoamTensor
import Testing

@Suite struct CounterRandomTests {
  @Test func `Philox gives the published numbers`() {
    #expect(CounterRandom(seed: 0).block(0) == SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    #expect(
      CounterRandom(seed: .max, stream: .max).block(.max) == SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
  }

  @Test func `normal numbers have mean 0, variance 1 and fourth moment 3`() {
    let n = 100_000
    let numbers = (0..<n).map { Double(CounterRandom(seed: 2).normal(UInt64($0))) }
    let moments = [1, 2, 4].map { power in
      numbers.reduce(0) { sum, x in sum + (0..<power).reduce(1.0) { product, _ in product * x } } / Double(n)
    }
    #expect(abs(moments[0]) < 0.02 && abs(moments[1] - 1) < 0.02 && abs(moments[2] - 3) < 0.15, "\(moments)")
  }

  @Test func `uniform numbers below a bound fill every place alike`() {
    var counts = [Int](repeating: 0, count: 10)
    for i in 0..<100_000 { counts[Int(CounterRandom(seed: 3).below(10, UInt64(i)))] += 1 }
    #expect(counts.allSatisfy { abs($0 - 10_000) < 500 }, "\(counts)")
  }
}
