/// Powers of ten that a double holds exactly.
private let exactPowers: [Double] = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21, 1e22,
]

/// The number, or `nil` where the text is anything but digits or passes 2^64 - 1.
package func parseUnsigned(_ text: Record.Text) -> UInt64? {
  if text.count == 0 { return nil }
  var value: UInt64 = 0
  for index in 0..<text.count {
    let digit = text.start[index] &- 0x30
    if digit > 9 { return nil }
    if index < 19 {
      value = value &* 10 &+ UInt64(digit)
    } else {
      let (product, over) = value.multipliedReportingOverflow(by: 10)
      let (sum, overAgain) = product.addingReportingOverflow(UInt64(digit))
      if over || overAgain { return nil }
      value = sum
    }
  }
  return value
}

/// A decimal number, nearest double: sign, digits, point, exponent. No blanks, no hexadecimal, no infinity or NaN.
/// `nil` also where the number is too large for a double.
package func parseReal(_ text: Record.Text) -> Double? {
  let start = text.start
  let count = text.count
  var index = 0
  var negative = false
  if index < count, start[index] == 0x2d || start[index] == 0x2b {
    negative = start[index] == 0x2d
    index += 1
  }
  var mantissa: UInt64 = 0
  var digits = 0
  var exponent = 0
  var seen = false
  while index < count, case let digit = start[index] &- 0x30, digit <= 9 {
    mantissa = mantissa &* 10 &+ UInt64(digit)
    if mantissa > 0 { digits += 1 }
    seen = true
    index += 1
  }
  if index < count, start[index] == UInt8(ascii: ".") {
    index += 1
    while index < count, case let digit = start[index] &- 0x30, digit <= 9 {
      mantissa = mantissa &* 10 &+ UInt64(digit)
      if mantissa > 0 { digits += 1 }
      exponent -= 1
      seen = true
      index += 1
    }
  }
  if !seen { return nil }
  if index < count, start[index] | 0x20 == UInt8(ascii: "e") {
    index += 1
    guard let written = parseExponent(start, count, &index) else { return nil }
    exponent += written
  }
  if index != count { return nil }
  // Both the digits and the power are exact doubles: one rounding, the right one.
  if digits <= 15, abs(exponent) < exactPowers.count {
    let value = exponent < 0 ? Double(mantissa) / exactPowers[-exponent] : Double(mantissa) * exactPowers[exponent]
    return negative ? -value : value
  }
  guard let value = Double(text.string), value.isFinite else { return nil }
  return value
}

private func parseExponent(_ start: UnsafePointer<UInt8>, _ count: Int, _ index: inout Int) -> Int? {
  var negative = false
  if index < count, start[index] == 0x2d || start[index] == 0x2b {
    negative = start[index] == 0x2d
    index += 1
  }
  let first = index
  var value = 0
  while index < count, case let digit = start[index] &- 0x30, digit <= 9 {
    // No double has an exponent of more than four digits; more only need to stay too large.
    value = min(value * 10 + Int(digit), 100_000)
    index += 1
  }
  return index == first ? nil : negative ? -value : value
}
