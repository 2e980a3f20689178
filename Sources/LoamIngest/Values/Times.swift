import LoamSchema

/// A time of a file in microseconds UTC, or `nil` where the text is none or does not fit. Below a microsecond is cut.
func parseTime(_ text: Record.Text, _ unit: TimeColumn.Unit) -> Timestamp? {
  switch unit {
  case .seconds: parseTicks(text, microsecondsPerTick: 1_000_000)
  case .milliseconds: parseTicks(text, microsecondsPerTick: 1_000)
  case .microseconds: parseTicks(text, microsecondsPerTick: 1)
  case .iso8601: parseISO8601(text)
  }
}

/// A decimal number of ticks. Digits, not doubles: seconds since 1970 with microseconds pass what a double holds.
private func parseTicks(_ text: Record.Text, microsecondsPerTick: Int64) -> Timestamp? {
  var scanner = TimeScanner(text)
  let negative = scanner.skip(UInt8(ascii: "-"))
  guard let whole = scanner.digits(1...19) else { return nil }
  var value = whole.multipliedReportingOverflow(by: microsecondsPerTick)
  if scanner.skip(UInt8(ascii: ".")) {
    var scale = microsecondsPerTick
    while let digit = scanner.digits(1...1) {
      scale /= 10
      value.partialValue &+= digit &* scale
    }
  }
  guard scanner.isAtEnd else {
    // An exponent, as some programs write large numbers.
    guard let real = parseReal(text), abs(real * Double(microsecondsPerTick)) < 9e18 else { return nil }
    return Timestamp((real * Double(microsecondsPerTick)).rounded(.down))
  }
  guard !value.overflow, value.partialValue >= 0 else { return nil }
  return negative ? -value.partialValue : value.partialValue
}

/// `2019-11-24`, `2019-11-24 00:01`, `2019-11-24T00:01:03.979311+01:00`, `...Z`.
private func parseISO8601(_ text: Record.Text) -> Timestamp? {
  var scanner = TimeScanner(text)
  guard let year = scanner.digits(4...4), scanner.skip(0x2d), let month = scanner.digits(2...2), scanner.skip(0x2d),
    let day = scanner.digits(2...2), (1...12).contains(month), day >= 1, day <= daysIn(month, of: year)
  else { return nil }
  var seconds = daysSince1970(year, month, day) * 86_400
  var microseconds: Int64 = 0
  if scanner.skip(UInt8(ascii: "T")) || scanner.skip(UInt8(ascii: "t")) || scanner.skip(0x20) {
    guard let hour = scanner.digits(2...2), hour < 24, scanner.skip(0x3a), let minute = scanner.digits(2...2),
      minute < 60
    else { return nil }
    seconds += hour * 3_600 + minute * 60
    if scanner.skip(0x3a) {
      guard let second = scanner.digits(2...2), second < 60 else { return nil }
      seconds += second
      if scanner.skip(UInt8(ascii: ".")) || scanner.skip(UInt8(ascii: ",")) {
        var scale: Int64 = 1_000_000
        var digitsSeen = false
        while let digit = scanner.digits(1...1) {
          scale /= 10
          microseconds += digit * scale
          digitsSeen = true
        }
        if !digitsSeen { return nil }
      }
    }
    guard let zone = scanner.zoneSeconds() else { return nil }
    seconds -= zone
  }
  return scanner.isAtEnd ? seconds * 1_000_000 + microseconds : nil
}

private func daysIn(_ month: Int64, of year: Int64) -> Int64 {
  if month == 2 { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28 }
  return [4, 6, 9, 11].contains(month) ? 30 : 31
}

/// Of the Gregorian calendar (H. Hinnant, "chrono-compatible low-level date algorithms", days_from_civil).
private func daysSince1970(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
  let shifted = month <= 2 ? year - 1 : year
  let era = (shifted >= 0 ? shifted : shifted - 399) / 400
  let yearOfEra = shifted - era * 400
  let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
  return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
}
