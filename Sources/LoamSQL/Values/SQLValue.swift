import CSQLiteExtension

/// A value that SQLite hands to a table or a function.
enum SQLValue: Equatable {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
  case blob([UInt8])

  init(_ value: OpaquePointer?) {
    switch loam_sqlite_value_type(value) {
    case SQLITE_INTEGER: self = .integer(loam_sqlite_value_int64(value))
    case SQLITE_FLOAT: self = .real(loam_sqlite_value_double(value))
    case SQLITE_TEXT:
      let start = loam_sqlite_value_text(value)
      self = .text(
        String(
          decoding: UnsafeBufferPointer(start: start, count: Int(loam_sqlite_value_bytes(value))), as: UTF8.self))
    case SQLITE_BLOB:
      let start = loam_sqlite_value_blob(value)
      self = .blob([UInt8](UnsafeRawBufferPointer(start: start, count: Int(loam_sqlite_value_bytes(value)))))
    default: self = .null
    }
  }

  var text: String? { if case .text(let text) = self { text } else { nil } }

  /// A whole number, also where it is written as a real one.
  var integer: Int64? {
    switch self {
    case .integer(let value): value
    case .real(let value): Int64(exactly: value)
    default: nil
    }
  }
}

/// Where the answer of a function, or the value of a column, goes.
struct SQLResult {
  private let context: OpaquePointer?

  init(_ context: OpaquePointer?) { self.context = context }

  func null() { loam_sqlite_result_null(context) }
  func integer(_ value: Int64) { loam_sqlite_result_int64(context, value) }
  /// Not a number becomes NULL.
  func real(_ value: Double) { loam_sqlite_result_double(context, value) }
  func text(_ value: String) {
    var value = value
    value.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { loam_sqlite_result_text(context, $0.baseAddress, Int32($0.count)) }
    }
  }
  func blob(_ bytes: UnsafeRawBufferPointer) {
    loam_sqlite_result_blob(context, bytes.baseAddress, Int32(bytes.count))
  }
  func fail(_ error: SQLError) { loam_sqlite_result_error(context, error.description) }

  func value(_ value: SQLValue) {
    switch value {
    case .null: null()
    case .integer(let value): integer(value)
    case .real(let value): real(value)
    case .text(let value): text(value)
    case .blob(let value): value.withUnsafeBytes { blob($0) }
    }
  }
}
