import Testing

@testable import LoamCLI

@Suite struct HistogramTests {
  @Test func binsDoubleAndBarsScaleToTheLargest() {
    let values = [UInt64](repeating: 1, count: 8) + [2, 3, 3, 3] + [9]
    #expect(
      Histogram(doubling: values).lines(Style(colours: false, width: 31)) == [
        "     1  ████████████████████  8",
        "   2-3  ██████████            4",
        "   4-7                        0",
        "  8-15  ██▌                   1",
      ])
  }

  @Test func everyValueIsInOneBin() {
    let values: [UInt64] = [0, 1, 2, 3, 4, 7, 8, .max]
    let bins = Histogram(doubling: values).bins
    #expect(bins.map(\.values).reduce(0, +) == values.count)
    #expect(bins.first == .init(from: 0, to: 0, values: 1))
    #expect(bins.last == .init(from: 1 << 63, to: .max, values: 1))
    #expect(zip(bins.dropFirst(), bins.dropFirst(2)).allSatisfy { $0.to + 1 == $1.from })
  }

  @Test func aSmallShareStillShows() {
    #expect(Histogram.bar(share: 0.0001, width: 10) == "▏")
    #expect(Histogram.bar(share: 0, width: 10) == "")
    #expect(Histogram.bar(share: 1, width: 3) == "███")
  }

  @Test func noValuesMakeNoBins() { #expect(Histogram(doubling: []).bins.isEmpty) }
}
