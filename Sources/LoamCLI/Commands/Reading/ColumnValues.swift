import LoamStore

/// The elements of one column of one row.
enum ColumnValues: Encodable, Equatable {
  case real([Float])
  case signed([Int64])
  case unsigned([UInt64])

  /// Reads a row's bytes; `nil` for a column of bytes, which has no elements.
  init?(_ bytes: UnsafeRawBufferPointer, _ spec: ColumnSpec) {
    func each<T, U>(_ type: T.Type, _ body: (T) -> U) -> [U] {
      (0..<spec.width).map { body(bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<T>.size, as: type)) }
    }
    switch spec.type {
    case .f32: self = .real(each(Float.self) { $0 })
    case .f64: self = .real(each(Double.self) { Float($0) })
    case .f16: self = .real(each(UInt16.self) { Self.half($0) })
    case .bf16: self = .real(each(UInt16.self) { Float(bitPattern: UInt32($0) << 16) })
    case .i8:
      let scale = bytes.loadUnaligned(fromByteOffset: spec.width, as: Float.self)
      self = .real(each(Int8.self) { Float($0) * scale })
    case .u8: self = .unsigned(each(UInt8.self) { UInt64($0) })
    case .u32: self = .unsigned(each(UInt32.self) { UInt64($0) })
    case .u64: self = .unsigned(each(UInt64.self) { $0 })
    case .i32: self = .signed(each(Int32.self) { Int64($0) })
    case .i64: self = .signed(each(Int64.self) { $0 })
    case .bytes: return nil
    }
  }

  /// A 16-bit IEEE number, by bits: not every system's Swift has Float16.
  private static func half(_ bits: UInt16) -> Float {
    let magnitude = UInt32(bits & 0x7fff)
    let value =
      magnitude >= 0x7c00
      ? Float(bitPattern: 0x7f80_0000 | (magnitude & 0x3ff) << 13) : Float(bitPattern: magnitude << 13) * 0x1p112
    return bits & 0x8000 == 0 ? value : -value
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .real(let values): try container.encode(values)
    case .signed(let values): try container.encode(values)
    case .unsigned(let values): try container.encode(values)
    }
  }

  var texts: [String] {
    switch self {
    case .real(let values): values.map(Quantity.element)
    case .signed(let values): values.map { Quantity.count($0) }
    case .unsigned(let values): values.map { Quantity.count($0) }
    }
  }
}
