/// Counts by range, as bars of eighths of a character.
///
/// ```
///     1  ██████████████████████▌      1,204
///   2-3  ████████████▏                  655
///   4-7  ██████                         320
/// ```
struct Histogram: Equatable {
  struct Bin: Equatable, Encodable {
    var from: UInt64
    /// Inclusive.
    var to: UInt64
    /// How many values lie in the range.
    var values: Int
  }
  var bins: [Bin]
  static let barWidth = 40

  init(bins: [Bin]) { self.bins = bins }

  /// Powers of two: 0, 1, 2-3, 4-7, ... up to the largest value.
  init(doubling values: some Sequence<UInt64>) {
    var counts = [Int](repeating: 0, count: 65)
    for value in values { counts[64 - value.leadingZeroBitCount] += 1 }
    let used = counts.indices.filter { counts[$0] > 0 }
    guard let first = used.first, let last = used.last else {
      bins = []
      return
    }
    bins = (first...last).map { power in
      let from: UInt64 = power == 0 ? 0 : 1 << UInt64(power - 1)
      let to: UInt64 = power == 0 ? 0 : power == 64 ? .max : (1 << UInt64(power)) - 1
      return Bin(from: from, to: to, values: counts[power])
    }
  }

  func lines(_ style: Style) -> [String] {
    let labels = bins.map {
      $0.from == $0.to ? Quantity.count($0.from) : "\(Quantity.count($0.from))-\(Quantity.count($0.to))"
    }
    let counts = bins.map { Quantity.count($0.values) }
    let labelWidth = labels.map(\.count).max() ?? 0
    let countWidth = counts.map(\.count).max() ?? 0
    let barWidth = max(8, min(Self.barWidth, style.width - labelWidth - countWidth - 6))
    let largest = bins.map(\.values).max() ?? 0
    return bins.indices.map { index in
      let bar = Self.bar(share: Double(bins[index].values) / Double(max(largest, 1)), width: barWidth)
      let blanks = String(repeating: " ", count: barWidth - bar.count)
      return "  \(labels[index].padded(labelWidth))  \(style.green(bar))\(blanks)  \(counts[index].padded(countWidth))"
    }
  }

  /// At least one eighth where the share is not zero.
  static func bar(share: Double, width: Int) -> String {
    let eighths = share <= 0 ? 0 : max(1, Int((min(share, 1) * Double(width * 8)).rounded()))
    let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    return String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
  }
}

extension String {
  /// Blanks before it, up to a width.
  func padded(_ width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
