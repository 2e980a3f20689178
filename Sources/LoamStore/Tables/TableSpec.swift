/// How the elements of a row are stored.
public enum DataType: UInt8, Sendable, Codable, CaseIterable {
  case f32 = 1, f16, bf16
  /// With one f32 scale at the end of the row.
  case i8
  case u8, i32, u32, i64, u64
  /// Bytes whose layout the table's kind defines.
  case bytes
  case f64

  public var size: Int {
    switch self {
    case .f32, .i32, .u32: 4
    case .f16, .bf16: 2
    case .i8, .u8, .bytes: 1
    case .i64, .u64, .f64: 8
    }
  }
}

/// What a row holds before anything was written to it.
public enum InitialValue: Sendable, Equatable, Codable {
  case zero
  /// Normal(0, deviation), drawn from hash(seed, table name, column name, ID, generation, element).
  case normal(deviation: Float, seed: UInt64)
  /// Uniform in (-bound, bound), drawn likewise.
  case uniform(bound: Float, seed: UInt64)
}

/// A named column of fixed stride: `width` elements of `type` a row.
public struct ColumnSpec: Sendable, Equatable, Codable {
  public var name: String
  /// Given by the catalog; 0 before that.
  public var number: UInt16
  public var type: DataType
  public var width: Int
  public var initial: InitialValue
  /// Pages of 4 KiB in a full block.
  public var blockPages: Int

  public init(
    _ name: String, _ type: DataType, width: Int = 1, initial: InitialValue = .zero, blockPages: Int = 4,
    number: UInt16 = 0
  ) {
    self.name = name
    self.number = number
    self.type = type
    self.width = width
    self.initial = initial
    self.blockPages = blockPages
  }

  /// Bytes a row.
  public var stride: Int { type.size * width + (type == .i8 ? 4 : 0) }

  /// Elements of a row and pages of a block: a block stays far below `Block.contentBytesMax`.
  static let (widthMax, blockPagesMax) = (1 << 20, 1 << 12)

  var isValid: Bool { (1...Self.widthMax).contains(width) && (1...Self.blockPagesMax).contains(blockPages) }
}

/// A table of the catalog: its number (never reused), its columns (only ever added), and what its kind needs to know.
public struct TableSpec: Sendable, Equatable, Codable {
  public var name: TableName
  /// Given by the catalog; 0 before that.
  public var number: UInt32
  public var columns: [ColumnSpec]
  public var attributes: [String: String]

  public init(_ name: TableName, columns: [ColumnSpec] = [], attributes: [String: String] = [:], number: UInt32 = 0) {
    self.name = name
    self.number = number
    self.columns = columns
    self.attributes = attributes
  }

  public func column(_ name: String) -> ColumnSpec? { columns.first { $0.name == name } }
}
