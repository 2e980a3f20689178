import Testing

@testable import LoamGenerate

@Suite struct DrawTests {
  @Test func drawsAreTheSameInAnyOrder() {
    let random = CounterRandom(seed: 1, stream: 2)
    let forward = (0..<100).map { random.bits($0, 3) }
    let backward = (0..<100).reversed().map { random.bits($0, 3) }
    #expect(forward == backward.reversed())
    #expect(Set(forward).count == 100)
  }

  @Test func seedsAndStreamsAreIndependent() {
    let first = CounterRandom(seed: 1, stream: 2)
    for other in [CounterRandom(seed: 2, stream: 2), CounterRandom(seed: 1, stream: 3)] {
      #expect((0..<100).allSatisfy { first.bits($0, 0) != other.bits($0, 0) })
    }
  }

  @Test func normalDrawsHaveMeanZeroAndDeviationOne() {
    let random = CounterRandom(seed: 5, stream: 0)
    let values = (0..<20_000).map { random.normal($0, 0) }
    let mean = values.reduce(0, +) / 20_000
    let square = values.reduce(0) { $0 + $1 * $1 } / 20_000
    #expect(abs(mean) < 0.03)
    #expect(abs(square - 1) < 0.04)
  }

  @Test func sampledSharesFollowTheWeights() {
    let random = CounterRandom(seed: 6, stream: 0)
    let sampler = WeightedSampler(weights: [5, 1, 3, 1])
    var counts = [0, 0, 0, 0]
    for index in 0..<40_000 { counts[sampler.sample(random, index, 0)] += 1 }
    for (count, share) in zip(counts, [0.5, 0.1, 0.3, 0.1]) {
      #expect(abs(Double(count) / 40_000 - share) < 0.01)
    }
  }

  @Test func numbersAreWrittenInDecimalAndHexadecimal() {
    var text = ByteText(capacity: 64)
    text.append(0)
    text.append(byte: UInt8(ascii: " "))
    text.append(42, width: 5)
    text.append(byte: UInt8(ascii: " "))
    text.append(Int.max)
    text.append(byte: UInt8(ascii: " "))
    text.append(hexadecimal: 0xdead_0f)
    #expect(String(decoding: text.bytes, as: UTF8.self) == "0 00042 9223372036854775807 00dead0f")
  }
}
