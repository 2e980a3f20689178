import Foundation

/// Row numbers drawn in proportion to (row + 1)^-exponent, without a table of sums.
///
/// Source: Hörmann and Derflinger, "Rejection-inversion to generate variates from monotone discrete distributions", ACM
/// Transactions on Modeling and Computer Simulation 6 (1996).
struct ZipfRows {
  private let count: Int
  private let exponent: Double
  private let low: Double
  private let high: Double
  private let surely: Double
  private var random: Random
  /// The last batch that each row was drawn in.
  private var drawn: [UInt32]
  private var batch: UInt32 = 0

  init(_ count: Int, exponent: Double = 1.1, seed: UInt64) {
    (self.count, self.exponent, random) = (count, exponent, Random(seed))
    drawn = [UInt32](repeating: 0, count: count)
    low = Self.area(1.5, exponent) - 1
    high = Self.area(Double(count) + 0.5, exponent)
    surely = 2 - Self.place(Self.area(2.5, exponent) - pow(2, -exponent), exponent)
  }

  /// The integral of x^-exponent, but for a constant, and its inverse.
  private static func area(_ x: Double, _ exponent: Double) -> Double { (pow(x, 1 - exponent) - 1) / (1 - exponent) }
  private static func place(_ area: Double, _ exponent: Double) -> Double {
    pow(max(1 + area * (1 - exponent), .leastNormalMagnitude), 1 / (1 - exponent))
  }

  mutating func draw() -> Int {
    while true {
      let area = high + random.unit() * (low - high)
      let x = Self.place(area, exponent)
      let rank = min(max(x.rounded(), 1), Double(count))
      if rank - x <= surely || area >= Self.area(rank + 0.5, exponent) - pow(rank, -exponent) { return Int(rank) - 1 }
    }
  }

  /// Draws until so many distinct rows were drawn; returns them in the order of their first draw.
  mutating func distinct(_ wanted: Int) -> [UInt32] {
    batch += 1
    var rows: [UInt32] = []
    rows.reserveCapacity(wanted)
    while rows.count < wanted {
      let row = draw()
      if drawn[row] == batch { continue }
      drawn[row] = batch
      rows.append(UInt32(row))
    }
    return rows
  }
}
