import LoamStore

/// Makes the stored row of a vector of a file: the same bytes where the types agree, rounded to nearest where not.
final class RowEncoder {
  let from: ElementType
  let to: DataType
  let width: Int
  private var values: [Double]

  init(from: ElementType, to: DataType, width: Int) {
    (self.from, self.to, self.width) = (from, to, width)
    values = [Double](repeating: 0, count: width)
  }

  var stride: Int { ColumnSpec("vector", to, width: width).stride }

  /// - Parameter scale: of i8.
  /// - Returns: the first element that is NaN or infinite, or that the type cannot hold.
  func encode(_ row: UnsafeRawPointer, scale: Float, into out: UnsafeMutableRawPointer) -> Int? {
    if from == .i8 && to == .i8 {
      out.copyMemory(from: row, byteCount: width)
      out.storeBytes(of: scale.bitPattern.littleEndian, toByteOffset: width, as: UInt32.self)
      return scale.isFinite ? nil : 0
    }
    if from == .f32 && to == .f32 {
      out.copyMemory(from: row, byteCount: 4 * width)
      return Self.firstNonfinite(UnsafeRawPointer(out), width)
    }
    from.decode(row, scale, into: &values)
    if to == .i8 { return quantise(into: out) }
    var wrong: Int?
    for element in 0..<width {
      let value = Float(values[element])
      var isFinite = value.isFinite
      switch to {
      case .f16:
        let bits = HalfPrecision.f16(value)
        isFinite = bits & 0x7C00 != 0x7C00
        out.storeBytes(of: bits, toByteOffset: element * 2, as: UInt16.self)
      case .bf16:
        let bits = HalfPrecision.bf16(value)
        isFinite = bits & 0x7F80 != 0x7F80
        out.storeBytes(of: bits, toByteOffset: element * 2, as: UInt16.self)
      default: out.storeBytes(of: value, toByteOffset: element * 4, as: Float.self)
      }
      if !isFinite && wrong == nil { wrong = element }
    }
    return wrong
  }

  /// What the file has there.
  func value(_ row: UnsafeRawPointer, _ scale: Float, element: Int) -> Double {
    var one = [0.0]
    from.decode(row + element * from.size, scale, into: &one)
    return one[0]
  }

  /// Scale: the largest magnitude / 127; a row of zeros has scale 0.
  private func quantise(into out: UnsafeMutableRawPointer) -> Int? {
    let row = values.map { Float($0) }
    return row.withUnsafeBufferPointer { row in
      let scale = QuantisedRow.largestMagnitude(row) / 127
      guard scale.isFinite else { return row.firstIndex { !$0.isFinite } }
      QuantisedRow.quantise(row, scale: scale, into: out.assumingMemoryBound(to: Int8.self))
      out.storeBytes(of: scale.bitPattern.littleEndian, toByteOffset: width, as: UInt32.self)
      return nil
    }
  }

  private static func firstNonfinite(_ row: UnsafeRawPointer, _ width: Int) -> Int? {
    let values = UnsafeBufferPointer(start: row.assumingMemoryBound(to: UInt32.self), count: width)
    // All exponents at once; which one it is matters only where there is one.
    var found = false
    for bits in values { found = found || bits & 0x7F80_0000 == 0x7F80_0000 }
    return found ? values.firstIndex { $0 & 0x7F80_0000 == 0x7F80_0000 } : nil
  }
}
