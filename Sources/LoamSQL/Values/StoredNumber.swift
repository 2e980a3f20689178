import LoamStore

/// One element of a stored column, compared as SQLite compares numbers.
enum StoredNumber {
  case integer(Int64)
  case real(Double)

  /// `nil` for bytes, which are no number. Numbers of 2^63 and more come out negative, as everywhere in SQL.
  init?(_ row: UnsafeRawPointer, _ type: DataType) {
    switch type {
    case .f32: self = .real(Double(row.loadUnaligned(as: Float.self)))
    case .f64: self = .real(row.loadUnaligned(as: Double.self))
    case .u8: self = .integer(Int64(row.loadUnaligned(as: UInt8.self)))
    case .i32: self = .integer(Int64(row.loadUnaligned(as: Int32.self)))
    case .u32: self = .integer(Int64(row.loadUnaligned(as: UInt32.self)))
    case .i64: self = .integer(row.loadUnaligned(as: Int64.self))
    case .u64: self = .integer(Int64(bitPattern: row.loadUnaligned(as: UInt64.self)))
    case .i8, .f16, .bf16, .bytes: return nil
    }
  }

  /// `nil` for what is no number.
  init?(_ value: SQLValue) {
    switch value {
    case .integer(let value): self = .integer(value)
    case .real(let value): self = .real(value)
    default: return nil
    }
  }

  func meets(_ comparison: Comparison, _ other: StoredNumber) -> Bool {
    switch (self, other) {
    case (.integer(let a), .integer(let b)): comparison.holds(a, b)
    case (.integer(let a), .real(let b)): comparison.holds(Double(a), b)
    case (.real(let a), .integer(let b)): comparison.holds(a, Double(b))
    case (.real(let a), .real(let b)): comparison.holds(a, b)
    }
  }

  func write(to result: SQLResult) {
    switch self {
    case .integer(let value): result.integer(value)
    case .real(let value): result.real(value)
    }
  }
}
