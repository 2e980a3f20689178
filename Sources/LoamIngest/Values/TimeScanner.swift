/// Reads the digits and marks of a time from left to right.
struct TimeScanner {
  private let text: Record.Text
  private var index = 0

  init(_ text: Record.Text) { self.text = text }

  var isAtEnd: Bool { index == text.count }

  mutating func skip(_ mark: UInt8) -> Bool {
    guard index < text.count, text.start[index] == mark else { return false }
    index += 1
    return true
  }

  /// As many digits as are there, within the range; `nil` where there are fewer, or the number does not fit.
  mutating func digits(_ counts: ClosedRange<Int>) -> Int64? {
    let first = index
    var value: Int64 = 0
    while index < text.count, index - first < counts.upperBound, case let digit = text.start[index] &- 0x30, digit <= 9
    {
      let (product, over) = value.multipliedReportingOverflow(by: 10)
      let (sum, overAgain) = product.addingReportingOverflow(Int64(digit))
      if over || overAgain { return nil }
      value = sum
      index += 1
    }
    return index - first < counts.lowerBound ? nil : value
  }

  /// `Z`, `+01:00`, `+0100`, `-08`, or nothing: UTC.
  mutating func zoneSeconds() -> Int64? {
    if isAtEnd || skip(UInt8(ascii: "Z")) || skip(UInt8(ascii: "z")) { return 0 }
    let negative = skip(UInt8(ascii: "-"))
    guard negative || skip(UInt8(ascii: "+")), let hours = digits(2...2), hours < 24 else { return nil }
    var minutes: Int64 = 0
    if skip(UInt8(ascii: ":")) || !isAtEnd {
      guard let written = digits(2...2), written < 60 else { return nil }
      minutes = written
    }
    let seconds = hours * 3_600 + minutes * 60
    return negative ? -seconds : seconds
  }
}
