import LoamKernels

/// How the elements of a column are stored. Raw values are those of the file.
public enum PackType: UInt32, Sendable, Codable, CaseIterable {
  case f32, f16, bf16
  /// With one f32 scale at the end of the row.
  case i8

  /// In commands and manifests.
  public var name: String {
    switch self {
    case .f32: "f32"
    case .f16: "f16"
    case .bf16: "bf16"
    case .i8: "int8"
    }
  }

  public init?(_ name: some StringProtocol) {
    guard let type = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = type
  }

  /// Bytes of a row.
  public func stride(width: Int) -> Int {
    switch self {
    case .f32: 4 * width
    case .f16, .bf16: 2 * width
    case .i8: width + 4
    }
  }

  var row: loam_row_type {
    switch self {
    case .f32: loam_row_f32
    case .f16: loam_row_f16
    case .bf16: loam_row_bf16
    case .i8: loam_row_i8
    }
  }
}
