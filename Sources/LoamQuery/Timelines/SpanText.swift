import LoamSchema

/// Spans of time as people write them: `90s`, `30m`, `1h`, `7d`, `2w`; a number with one unit.
public enum SpanText {
  private static let units: [(text: String, microseconds: Int64)] = [
    ("us", 1), ("ms", 1_000), ("s", 1_000_000), ("m", 60_000_000), ("h", 3_600_000_000), ("d", 86_400_000_000),
    ("w", 604_800_000_000),
  ]
  public static let hint = "Write a whole number above 0 and a unit: 90s, 30m, 1h, 7d, 2w."

  /// Microseconds; `nil` where the text is no span above 0.
  public static func microseconds(_ text: String) -> Int64? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let number = Int64(digits), number > 0,
      let unit = units.first(where: { $0.text == text.dropFirst(digits.count) })
    else { return nil }
    let (product, overflow) = number.multipliedReportingOverflow(by: unit.microseconds)
    return overflow ? nil : product
  }

  /// The shortest text of a span.
  public static func text(_ microseconds: Int64) -> String {
    let unit = units.last { microseconds % $0.microseconds == 0 } ?? units[0]
    return "\(microseconds / unit.microseconds)\(unit.text)"
  }
}
