import LoamExport
import LoamKernels
import LoamStore

/// How the elements of vectors lie in a file: little-endian.
enum ElementType: String {
  case f32, f16, bf16, i8, f64

  var size: Int {
    switch self {
    case .i8: 1
    case .f16, .bf16: 2
    case .f32: 4
    case .f64: 8
    }
  }

  /// The type that keeps the bytes as they are; a table has no f64, which becomes f32.
  var kept: DataType {
    switch self {
    case .f32, .f64: .f32
    case .f16: .f16
    case .bf16: .bf16
    case .i8: .i8
    }
  }

  init?(_ type: SafetensorsType) {
    switch type {
    case .f32: self = .f32
    case .f16: self = .f16
    case .bf16: self = .bf16
    case .i8: self = .i8
    case .f64: self = .f64
    default: return nil
    }
  }

  /// The elements as f64, in which all of them are exact.
  func decode(_ row: UnsafeRawPointer, _ scale: Float, into values: inout [Double]) {
    for element in values.indices {
      let place = row + element * size
      values[element] =
        switch self {
        case .f32: Double(Float(bitPattern: place.loadUnaligned(as: UInt32.self).littleEndian))
        case .f64: Double(bitPattern: place.loadUnaligned(as: UInt64.self).littleEndian)
        case .bf16: Double(Float(bitPattern: UInt32(place.loadUnaligned(as: UInt16.self).littleEndian) << 16))
        case .f16: Double(HalfPrecision.value(place.loadUnaligned(as: UInt16.self).littleEndian))
        case .i8: Double(Float(place.load(as: Int8.self)) * scale)
        }
    }
  }
}
