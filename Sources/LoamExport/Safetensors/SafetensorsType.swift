/// Element types of the safetensors format that take whole bytes.
///
/// The cases stand in the order of the reference implementation: its writer puts later ones first, so that wide
/// elements precede narrow ones and every tensor is aligned. The 8-bit and smaller float families are not read.
public enum SafetensorsType: String, Sendable, CaseIterable {
  case bool = "BOOL", u8 = "U8", i8 = "I8"
  case i16 = "I16", u16 = "U16", f16 = "F16", bf16 = "BF16"
  case i32 = "I32", u32 = "U32", f32 = "F32"
  case c64 = "C64", f64 = "F64", i64 = "I64", u64 = "U64"

  /// Bytes an element.
  public var size: Int {
    switch self {
    case .bool, .u8, .i8: 1
    case .i16, .u16, .f16, .bf16: 2
    case .i32, .u32, .f32: 4
    case .c64, .f64, .i64, .u64: 8
    }
  }

  var rank: Int { Self.allCases.firstIndex(of: self)! }
}
