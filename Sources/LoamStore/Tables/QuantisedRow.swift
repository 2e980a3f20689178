/// Rows of int8: whole multiples, -127 to 127, of a scale that each row has.
package enum QuantisedRow {
  /// NaN where the row has one, infinite where it has none but an infinity.
  package static func largestMagnitude(_ row: UnsafeBufferPointer<Float>) -> Float {
    var (largest, isNumber): (Float, Bool) = (0, true)
    for value in row {
      isNumber = isNumber && value == value
      largest = abs(value) > largest ? abs(value) : largest
    }
    return isNumber ? largest : .nan
  }

  /// The multiples nearest to the numbers, ties to even; all are 0 where the scale is 0 or not finite.
  package static func quantise(_ row: UnsafeBufferPointer<Float>, scale: Float, into steps: UnsafeMutablePointer<Int8>)
  {
    guard scale > 0, scale.isFinite else { return steps.update(repeating: 0, count: row.count) }
    // Numbers of this size have no fractions: adding it rounds, to even in the middle, and its last bits are the result.
    let (scale, whole) = (Double(scale), 0x1.8p52)
    for element in row.indices {
      let quotient = Double(row[element]) / scale
      // A comparison with NaN is false, so that it becomes 0.
      let held = quotient > -127 ? (quotient < 127 ? quotient : 127) : (quotient <= -127 ? -127 : 0)
      steps[element] = Int8(truncatingIfNeeded: (held + whole).bitPattern)
    }
  }
}
