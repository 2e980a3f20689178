import LoamStore

/// How the vectors of a table are written: as they are, or in fewer bits.
///
/// int8 rows have a scale each, an f16 above their largest magnitude / 127, and elements that are whole multiples of it.
public enum RowForm: String, Sendable, CaseIterable {
  case f32, f16, bf16, int8

  var type: SafetensorsType {
    switch self {
    case .f32: .f32
    case .f16: .f16
    case .bf16: .bf16
    case .int8: .i8
    }
  }

  init?(dtype: String) {
    guard let form = Self.allCases.first(where: { $0.type.rawValue == dtype }) else { return nil }
    self = form
  }

  /// Rows of `width` numbers, as bytes, and for int8 their scales.
  func encode(_ values: [Float], width: Int) -> (rows: [UInt8], scales: [UInt16]) {
    switch self {
    case .f32: return (values.withUnsafeBytes(Array.init), [])
    case .f16: return (values.map { HalfPrecision.f16($0) }.withUnsafeBytes(Array.init), [])
    case .bf16: return (values.map { HalfPrecision.bf16($0) }.withUnsafeBytes(Array.init), [])
    case .int8:
      var rows = [UInt8](repeating: 0, count: values.count)
      let scales = rows.withUnsafeMutableBytes { rows in
        values.withUnsafeBufferPointer { values in
          stride(from: 0, to: values.count, by: width).map { start in
            let row = UnsafeBufferPointer(rebasing: values[start..<start + width])
            let scale = Self.scale(row)
            QuantisedRow.quantise(
              row, scale: HalfPrecision.value(scale),
              into: (rows.baseAddress! + start).assumingMemoryBound(to: Int8.self))
            return scale
          }
        }
      }
      return (rows, scales)
    }
  }

  /// The smallest f16 of which 127 reach the row's largest magnitude, so that nothing is cut off; not finite where that is
  /// beyond f16, or the row holds what is not.
  private static func scale(_ row: UnsafeBufferPointer<Float>) -> UInt16 {
    let wanted = QuantisedRow.largestMagnitude(row) / 127
    let near = HalfPrecision.f16(wanted)
    return HalfPrecision.value(near) < wanted ? near + 1 : near
  }

  /// The numbers that bytes of this form stand for; `scales` of int8, one a row.
  func decode(_ bytes: UnsafeRawBufferPointer, scales: [UInt16], width: Int) -> [Float] {
    switch self {
    case .f32: return (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
    case .f16: return halves(bytes).map { HalfPrecision.value($0) }
    case .bf16: return halves(bytes).map { Float(bitPattern: UInt32($0) << 16) }
    case .int8:
      return bytes.enumerated().map { Float(Int8(bitPattern: $1)) * HalfPrecision.value(scales[$0 / width]) }
    }
  }

  private func halves(_ bytes: UnsafeRawBufferPointer) -> [UInt16] {
    (0..<bytes.count / 2).map { bytes.loadUnaligned(fromByteOffset: $0 * 2, as: UInt16.self) }
  }

  /// What a reader of this form gets for the numbers.
  func rounded(_ values: [Float], width: Int) -> [Float] {
    if self == .f32 { return values }
    let (rows, scales) = encode(values, width: width)
    return rows.withUnsafeBytes { decode($0, scales: scales, width: width) }
  }
}
