import LoamPack
import LoamStore

/// Makes stored rows of f32 ones, rounded to nearest even.
struct PackRowEncoder {
  let type: PackType
  let width: Int
  private(set) var bytes: [UInt8] = []

  init(_ type: PackType, width: Int) { (self.type, self.width) = (type, width) }

  /// `values` is `[rows, width]`. Answers the first element that is not finite, as stored.
  mutating func encode(_ values: [Float]) -> Int? {
    let rows = values.count / width
    bytes.removeAll(keepingCapacity: true)
    bytes.append(contentsOf: repeatElement(0, count: rows * type.stride(width: width)))
    let (type, width) = (type, width)
    return bytes.withUnsafeMutableBytes { out in
      values.withUnsafeBufferPointer { values in
        switch type {
        case .f32:
          out.copyMemory(from: UnsafeRawBufferPointer(values))
          return values.firstIndex { !$0.isFinite }
        case .f16:
          return Self.halves(values, out, exponent: 0x7C00, HalfPrecision.f16)
        case .bf16:
          return Self.halves(values, out, exponent: 0x7F80, HalfPrecision.bf16)
        case .i8:
          for row in 0..<rows {
            let stored = out[row * (width + 4)..<(row + 1) * (width + 4)]
            Self.quantise(
              UnsafeBufferPointer(rebasing: values[row * width..<(row + 1) * width]),
              UnsafeMutableRawBufferPointer(rebasing: stored))
          }
          return values.firstIndex { !$0.isFinite }
        }
      }
    }
  }

  private static func halves(
    _ values: UnsafeBufferPointer<Float>, _ out: UnsafeMutableRawBufferPointer, exponent: UInt16,
    _ half: (Float) -> UInt16
  ) -> Int? {
    let halves = out.assumingMemoryBound(to: UInt16.self)
    for element in values.indices { halves[element] = half(values[element]) }
    return halves.firstIndex { $0 & exponent == exponent }
  }

  /// Scale: the largest magnitude / 127, so that it is hit exactly; a row of zeros has scale 0. One that is not finite makes
  /// the scale so, and with it the row that is read.
  private static func quantise(_ row: UnsafeBufferPointer<Float>, _ out: UnsafeMutableRawBufferPointer) {
    let scale = QuantisedRow.largestMagnitude(row) / 127
    QuantisedRow.quantise(row, scale: scale, into: out.baseAddress!.assumingMemoryBound(to: Int8.self))
    out.storeBytes(of: scale, toByteOffset: row.count, as: Float.self)
  }
}
