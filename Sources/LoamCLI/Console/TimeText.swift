import LoamSchema

/// Times as people write them: `2025-01-14`, `2025-01-14 12:30`, `2025-01-14T12:30:00.25Z`. UTC.
enum TimeText {
  static func microseconds(_ text: String) -> Timestamp? {
    let body = text.hasSuffix("Z") ? text.dropLast() : text[...]
    let parts = body.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "T" || $0 == " " }
    let date = parts[0].split(separator: "-", omittingEmptySubsequences: false).map { Int64($0) }
    guard date.count == 3, let year = date[0], let month = date[1], let day = date[2], (0...9_999).contains(year),
      (1...12).contains(month), (1...31).contains(day)
    else { return nil }
    let midnight = days(year, month, day) * 86_400_000_000
    // A day that its month does not have comes out as one of the next.
    guard Quantity.time(midnight).hasPrefix(parts[0]) else { return nil }
    guard parts.count == 2 else { return midnight }
    return clock(parts[1]).map { midnight + $0 }
  }

  private static func clock(_ text: Substring) -> Int64? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard (2...3).contains(parts.count), let hour = Int64(parts[0]), let minute = Int64(parts[1]),
      (0..<24).contains(hour), (0..<60).contains(minute)
    else { return nil }
    var micros = (hour * 3_600 + minute * 60) * 1_000_000
    guard parts.count == 3 else { return micros }
    let seconds = parts[2].split(separator: ".", omittingEmptySubsequences: false)
    guard seconds.count <= 2, let whole = Int64(seconds[0]), (0..<60).contains(whole) else { return nil }
    micros += whole * 1_000_000
    guard seconds.count == 2 else { return micros }
    guard (1...6).contains(seconds[1].count), let fraction = Int64(seconds[1]), fraction >= 0 else { return nil }
    return micros + (0..<(6 - seconds[1].count)).reduce(fraction) { value, _ in value * 10 }
  }

  /// Days from 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
  private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}
