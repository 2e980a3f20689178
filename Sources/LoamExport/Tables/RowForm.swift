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
      var scales: [UInt16] = []
      scales.reserveCapacity(values.count / width)
      for start in stride(from: 0, to: values.count, by: width) {
        let scale = Self.scale(values[start..<start + width])
        let step = HalfPrecision.value(scale)
        for place in start..<start + width where step > 0 {
          let steps = (values[place] / step).rounded(.toNearestOrEven)
          // A NaN is allowed into an export only as the other forms; here it has no place.
          rows[place] = UInt8(bitPattern: Int8(max(-127, min(127, steps.isNaN ? 0 : steps))))
        }
        scales.append(scale)
      }
      return (rows, scales)
    }
  }

  /// The smallest f16 of which 127 reach the row's largest magnitude, so that nothing is cut off.
  private static func scale(_ row: ArraySlice<Float>) -> UInt16 {
    let wanted = row.reduce(0) { max($0, abs($1)) } / 127
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
