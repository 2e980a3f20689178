import Foundation
import SQLite

/// How the values of one column of an answer are written.
struct SQLColumnText {
  let name: String
  /// BLOBs are f32 elements.
  private let isVector: Bool
  /// Elements and bytes that a table's cell shows.
  private static let (elementsMax, bytesMax) = (4, 16)

  init(_ statement: SQLiteStatement, _ column: Int) {
    name = statement.name(of: column)
    isVector = statement.declaredType(of: column)?.hasPrefix("BLOB F32") ?? false
  }

  /// For people: long vectors are cut.
  func cell(_ value: SQLiteValue) -> String {
    switch value {
    case .null: return "-"
    case .real(let number): return number.isFinite ? Self.short(number) : "\(number)"
    case .blob(let bytes):
      if isVector {
        let elements = Self.floats(bytes)
        let shown = elements.prefix(Self.elementsMax).map(Quantity.element).joined(separator: " ")
        return elements.count > Self.elementsMax ? "\(shown) … \(elements.count)" : shown
      }
      let shown = Self.hexadecimal(bytes.prefix(Self.bytesMax))
      return bytes.count > Self.bytesMax ? "\(shown)… \(bytes.count) bytes" : shown
    default: return text(value)
    }
  }

  /// For programs, whole; NULL is empty.
  func text(_ value: SQLiteValue) -> String {
    switch value {
    case .null: ""
    case .integer(let number): "\(number)"
    case .real(let number): "\(number)"
    case .text(let text): text
    case .blob(let bytes): isVector ? Self.list(bytes) : Self.hexadecimal(bytes[...])
    }
  }

  func json(_ value: SQLiteValue) -> String {
    switch value {
    case .null: "null"
    case .integer(let number): "\(number)"
    case .real(let number): number.isFinite ? "\(number)" : Self.quoted("\(number)")
    case .text(let text): Self.quoted(text)
    case .blob(let bytes): isVector ? Self.list(bytes) : Self.quoted(Self.hexadecimal(bytes[...]))
    }
  }

  static func quoted(_ text: String) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes]
    guard let data = try? encoder.encode(text) else { preconditionFailure("a text always encodes") }
    return String(decoding: data, as: UTF8.self)
  }

  private static func short(_ number: Double) -> String {
    abs(number) >= 1e15 || (number != 0 && abs(number) < 1e-4)
      ? String(format: "%.6g", number)
      : number == number.rounded() ? String(format: "%.1f", number) : String(format: "%.6g", number)
  }

  private static func floats(_ bytes: [UInt8]) -> [Float] {
    bytes.withUnsafeBytes { raw in
      (0..<raw.count / 4).map {
        Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)))
      }
    }
  }

  private static func list(_ bytes: [UInt8]) -> String {
    "[" + floats(bytes).map { $0.isFinite ? "\($0)" : "null" }.joined(separator: ", ") + "]"
  }

  private static func hexadecimal(_ bytes: ArraySlice<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
