import Foundation
import LoamSchema

/// Numbers as people read them: thousands separated, units last.
enum Quantity {
  static func count(_ value: some BinaryInteger) -> String {
    let digits = Array(String(value.magnitude))
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
      text.append(digit)
    }
    return value < 0 ? "-" + text : text
  }

  /// `1 row`, `2 rows`.
  static func count(_ value: some BinaryInteger, _ singular: String, _ plural: String? = nil) -> String {
    "\(count(value)) \(value == 1 ? singular : plural ?? singular + "s")"
  }

  static func bytes(_ value: some BinaryInteger) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"]
    var amount = Double(value)
    var unit = 0
    while amount >= 1_024, unit < units.count - 1 {
      amount /= 1_024
      unit += 1
    }
    return unit == 0 ? "\(value) B" : "\(fixed(amount, amount < 10 ? 2 : amount < 100 ? 1 : 0)) \(units[unit])"
  }

  /// `-` where the value is not a number.
  static func fixed(_ value: Double?, _ decimals: Int) -> String {
    guard let value, value.isFinite else { return "-" }
    let text = String(format: "%.\(decimals)f", value)
    guard abs(value) >= 1_000, let whole = Int(text.prefix { $0 != "." }) else { return text }
    return count(whole) + text.drop { $0 != "." }
  }

  /// An element of a vector: four digits after the point, a sign that keeps columns straight.
  static func element(_ value: Float) -> String {
    value.isFinite ? String(format: "%+.4f", value) : "\(value)"
  }

  static func percent(_ share: Double, _ decimals: Int = 1) -> String { fixed(share * 100, decimals) + " %" }

  static func seconds(_ value: Double) -> String {
    guard value.isFinite, value >= 0 else { return "-" }
    if value < 10 { return fixed(value, value < 1 ? 2 : 1) + " s" }
    let whole = Int(value.rounded())
    if whole < 60 { return "\(whole) s" }
    let minutes = String(format: "%d:%02d", whole / 60 % 60, whole % 60)
    return whole < 3_600 ? minutes : "\(whole / 3_600):" + (whole / 60 % 60 < 10 ? "0" : "") + minutes
  }

  static func rate(_ value: Double, _ unit: String) -> String {
    guard value.isFinite, value >= 0, value < 1e15 else { return "-" }
    return "\(value < 10 ? fixed(value, 1) : count(Int(value.rounded()))) \(unit)/s"
  }

  /// `2025-01-01 00:00:00.174`, UTC; the fraction only where there is one.
  static func time(_ value: Timestamp) -> String {
    guard value != .absent else { return "-" }
    // Days and microseconds of the day, rounded down for times before 1970.
    let day = value.dividedDown(by: 86_400_000_000)
    let micros = value - day * 86_400_000_000
    let (year, month, date) = civil(day)
    let seconds = micros / 1_000_000
    let fraction = micros % 1_000_000
    let text = String(
      format: "%04d-%02d-%02d %02d:%02d:%02d", year, month, date, seconds / 3_600, seconds / 60 % 60, seconds % 60)
    guard fraction != 0 else { return text }
    return text
      + (fraction % 1_000 == 0 ? String(format: ".%03d", fraction / 1_000) : String(format: ".%06d", fraction))
  }

  /// The proleptic Gregorian date of a day after 1970-01-01
  /// (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
  private static func civil(_ day: Int64) -> (year: Int, month: Int, day: Int) {
    let shifted = day + 719_468
    let era = shifted.dividedDown(by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (Int(year), Int(month), Int(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1))
  }
}

extension Int64 {
  fileprivate func dividedDown(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}
