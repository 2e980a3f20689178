/// The short form `c1..c26` for names that differ in a number at their end.
struct NameRange {
  static let namesMax = 10_000
  var prefix: String
  var numbers: ClosedRange<Int>
  /// Digits of each number where the first one is written with leading zeros: `c01..c26`.
  var width: Int

  /// `nil` where the text is not a range. The prefixes must be equal and the numbers ascend.
  init?(_ text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    // The prefix may contain dots of its own; the two dots of the range are the only neighbours.
    guard let gap = parts.indices.first(where: { parts[$0].isEmpty }), gap > 0, gap < parts.count - 1 else {
      return nil
    }
    let first = Self.split(parts[..<gap].joined(separator: "."))
    let last = Self.split(parts[(gap + 1)...].joined(separator: "."))
    guard first.prefix == last.prefix, let lower = Int(first.digits), let upper = Int(last.digits), lower <= upper,
      upper - lower < Self.namesMax
    else { return nil }
    prefix = first.prefix
    numbers = lower...upper
    width = first.digits.hasPrefix("0") ? first.digits.count : 0
  }

  var names: [String] {
    numbers.map { number in
      let digits = String(number)
      return prefix + String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
  }

  static func split(_ name: String) -> (prefix: String, digits: String) {
    let digits = name.reversed().prefix { $0.isASCII && $0.isNumber }
    return (String(name.dropLast(digits.count)), String(digits.reversed()))
  }
}

extension YAMLValue {
  /// The names that a text stands for: itself, or those of a range where it is written without quotes.
  func names() throws(SchemaError) -> [String] {
    let text = try string()
    return isQuoted ? [text] : NameRange(text)?.names ?? [text]
  }
}
