/// Why a record is malformed, and the text that is wrong.
///
/// Unchecked: errors must be sendable, and this one is caught where it is thrown, before its record is gone.
struct RowFault: Error, @unchecked Sendable {
  /// Where the wrong text lies; within the record, or at its end.
  var start: UnsafePointer<UInt8>
  var count: Int
  /// The column of the file, where one is at fault.
  var column: String?
  var reason: String
  var hint: String?

  init(_ text: Record.Text, column: String? = nil, _ reason: String, hint: String? = nil) {
    self.start = text.start
    self.count = text.count
    self.column = column
    self.reason = reason
    self.hint = hint
  }

  /// The same fault with its place worked out, while the record's bytes are still there.
  func row(in record: Record, of file: String) -> BadRow {
    let offset = max(0, min(record.count, UnsafePointer(record.base).distance(to: start)))
    var line = record.line
    var lineStart = 0
    for index in 0..<offset where record.hasInnerLines && record.base[index] == UInt8(ascii: "\n") {
      line += 1
      lineStart = index + 1
    }
    let text = excerpt(UnsafeBufferPointer(start: start, count: count))
    return BadRow(
      file: file, line: line, column: offset - lineStart + 1, field: column, reason: reason, text: text, hint: hint)
  }
}

/// A malformed row of an input: where, what, why.
public struct BadRow: Sendable, Equatable, Codable, CustomStringConvertible {
  public var file: String
  /// From 1.
  public var line: Int
  /// Byte of the line, from 1.
  public var column: Int
  /// The column of the file whose value is refused.
  public var field: String?
  public var reason: String
  /// The refused text, shortened.
  public var text: String
  public var hint: String?

  public var description: String {
    let place = "\(file):\(line):\(column): " + (field.map { "column \"\($0)\": " } ?? "")
    return place + reason + (text.isEmpty ? "" : ", found \"\(text)\"")
  }
}

/// The text for a message: at most `IngestLimits.excerptCharacters`, control characters shown.
func excerpt(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
  // Four bytes a character suffice.
  let text = String(decoding: bytes.prefix(4 * (IngestLimits.excerptCharacters + 1)), as: UTF8.self)
  var shown = ""
  for scalar in text.unicodeScalars.prefix(IngestLimits.excerptCharacters) {
    shown += scalar.value < 0x20 || scalar.value == 0x7f ? scalar.escaped(asASCII: true) : String(scalar)
  }
  return text.unicodeScalars.count > IngestLimits.excerptCharacters ? shown + "..." : shown
}
