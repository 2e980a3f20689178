/// A strict JSON scanner (RFC 8259) over the bytes of one record. Strings are unescaped in place.
///
/// Reads one object at the top; numbers stay text, objects inside are passed over, arrays become lists of elements.
struct JSONScanner {
  private let base: UnsafeMutablePointer<UInt8>
  private let count: Int
  private(set) var index = 0
  private var depth = 0

  init(_ record: Record) {
    base = record.base
    count = UnsafeBufferPointer(start: UnsafePointer(record.base), count: record.count).withoutLineEnd.count
  }

  /// Steps into the object; false where it is empty.
  mutating func openObject() throws(RowFault) -> Bool {
    try expect(UInt8(ascii: "{"), "expected a JSON object")
    depth += 1
    return !take(UInt8(ascii: "}"))
  }

  mutating func key() throws(RowFault) -> Record.Text {
    skipBlanks()
    guard index < count, base[index] == UInt8(ascii: "\"") else { throw fault("expected a key in quotes") }
    let key = try string()
    try expect(UInt8(ascii: ":"), "expected a colon after the key")
    return key
  }

  /// After a value: true where another key follows.
  mutating func nextMember() throws(RowFault) -> Bool {
    if take(UInt8(ascii: ",")) { return true }
    try expect(UInt8(ascii: "}"), "expected a comma or the end of the object")
    depth -= 1
    return false
  }

  mutating func end() throws(RowFault) {
    skipBlanks()
    if index < count { throw fault("expected the end of the line after the object") }
  }

  /// Keys and values of a record, for those who do not know its columns. A list's text is its JSON.
  static func members(of record: Record) throws(RowFault) -> [(key: String, value: String)] {
    var scanner = JSONScanner(record)
    var members: [(key: String, value: String)] = []
    var more = try scanner.openObject()
    while more {
      let key = try scanner.key().string
      var elements: [Record.Element] = []
      let value = try scanner.value(&elements)
      members.append((key, value.kind == .absent ? "" : value.text.string))
      more = try scanner.nextMember()
    }
    try scanner.end()
    return members
  }

  /// The next value. An array's elements are appended to `elements`.
  mutating func value(_ elements: inout [Record.Element]) throws(RowFault) -> Record.Field {
    skipBlanks()
    let start = index
    let first = elements.count
    let kind: Record.Kind
    switch index < count ? base[index] : 0 {
    case UInt8(ascii: "\""): return Record.Field(kind: .text, text: try string())
    case UInt8(ascii: "["): kind = try list(&elements)
    case UInt8(ascii: "{"):
      try passObject()
      kind = .structure
    case UInt8(ascii: "t"): return try word("true", is: UInt8(ascii: "1"))
    case UInt8(ascii: "f"): return try word("false", is: UInt8(ascii: "0"))
    case UInt8(ascii: "n"): return try word("null", is: nil)
    default: return Record.Field(kind: .text, text: try number())
    }
    return Record.Field(
      kind: kind, text: text(from: start), firstElement: Int32(first), elementCount: Int32(elements.count - first))
  }

  /// `[1, "b", null]`, or with weights `[[1, 0.5], [2, 1]]`. Anything deeper is a structure.
  private mutating func list(_ elements: inout [Record.Element]) throws(RowFault) -> Record.Kind {
    try descend()
    if take(UInt8(ascii: "]")) { return ascend(.list) }
    var kind = Record.Kind.list
    repeat {
      var inner: [Record.Element] = []
      let item = try value(&inner)
      switch item.kind {
      case .absent: break
      case .text: elements.append(Record.Element(text: item.text))
      case .list where inner.count == 2 && inner.allSatisfy { $0.weight == nil }:
        elements.append(Record.Element(text: inner[0].text, weight: inner[1].text))
      default: kind = .structure
      }
    } while take(UInt8(ascii: ","))
    try expect(UInt8(ascii: "]"), "expected a comma or the end of the array")
    return ascend(kind)
  }

  private mutating func passObject() throws(RowFault) {
    try descend()
    if take(UInt8(ascii: "}")) {
      depth -= 1
      return
    }
    repeat {
      var inner: [Record.Element] = []
      _ = try key()
      _ = try value(&inner)
    } while take(UInt8(ascii: ","))
    try expect(UInt8(ascii: "}"), "expected a comma or the end of the object")
    depth -= 1
  }

  private mutating func descend() throws(RowFault) {
    if depth == IngestLimits.jsonDepth { throw fault("objects and arrays nest deeper than \(IngestLimits.jsonDepth)") }
    depth += 1
    index += 1
  }

  private mutating func ascend(_ kind: Record.Kind) -> Record.Kind {
    depth -= 1
    return kind
  }

  /// A boolean is the text `1` or `0`, written over its first letter; null is absent.
  private mutating func word(_ letters: StaticString, is digit: UInt8?) throws(RowFault) -> Record.Field {
    let length = letters.utf8CodeUnitCount
    guard index + length <= count, (0..<length).allSatisfy({ base[index + $0] == letters.utf8Start[$0] })
    else { throw fault("expected a JSON value") }
    let start = index
    index += length
    guard let digit else { return Record.Field(kind: .absent, text: text(from: start)) }
    base[start] = digit
    return Record.Field(kind: .text, text: text(from: start).prefix(1))
  }

  private mutating func number() throws(RowFault) -> Record.Text {
    let start = index
    if index < count, base[index] == UInt8(ascii: "-") { index += 1 }
    let whole = passDigits()
    if whole == 0 || (whole > 1 && base[index - whole] == 0x30) {
      index = start
      throw fault("expected a JSON value")
    }
    if index < count, base[index] == UInt8(ascii: ".") {
      index += 1
      if passDigits() == 0 { throw fault("expected a digit after the point") }
    }
    if index < count, base[index] | 0x20 == UInt8(ascii: "e") {
      index += 1
      if index < count, base[index] == 0x2d || base[index] == 0x2b { index += 1 }
      if passDigits() == 0 { throw fault("expected a digit of the exponent") }
    }
    return text(from: start)
  }

  private mutating func passDigits() -> Int {
    let first = index
    while index < count, base[index] &- 0x30 <= 9 { index += 1 }
    return index - first
  }

  /// From the opening quote; the content, with its escapes replaced in place.
  private mutating func string() throws(RowFault) -> Record.Text {
    let opening = index
    index += 1
    var write = index
    while index < count {
      let byte = base[index]
      if byte == UInt8(ascii: "\"") {
        index += 1
        return Record.Text(start: UnsafePointer(base) + opening + 1, count: write - opening - 1)
      }
      if byte < 0x20 { throw fault("a control character in a string, expected an escape") }
      if byte == UInt8(ascii: "\\") {
        try unescape(&write)
      } else {
        base[write] = byte
        write += 1
        index += 1
      }
    }
    index = opening
    throw fault("the string that opens here is never closed")
  }

  private mutating func unescape(_ write: inout Int) throws(RowFault) {
    let letter = index + 1 < count ? base[index + 1] : 0
    let plain: UInt8
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): plain = letter
    case UInt8(ascii: "b"): plain = 0x08
    case UInt8(ascii: "f"): plain = 0x0c
    case UInt8(ascii: "n"): plain = 0x0a
    case UInt8(ascii: "r"): plain = 0x0d
    case UInt8(ascii: "t"): plain = 0x09
    case UInt8(ascii: "u"):
      // At most 4 bytes for 12, 3 for 6: never past what was read.
      for byte in String(try codePoint()).utf8 {
        base[write] = byte
        write += 1
      }
      return
    default: throw fault("no JSON escape")
    }
    base[write] = plain
    write += 1
    index += 2
  }

  private mutating func codePoint() throws(RowFault) -> Unicode.Scalar {
    let high = try hexadecimalUnit()
    if let scalar = Unicode.Scalar(high) { return scalar }
    guard high < 0xdc00, index + 1 < count, base[index] == UInt8(ascii: "\\"), base[index + 1] == UInt8(ascii: "u")
    else { throw fault("half of a surrogate pair") }
    let low = try hexadecimalUnit()
    guard (0xdc00...0xdfff).contains(low) else { throw fault("half of a surrogate pair") }
    return Unicode.Scalar(0x10000 + (high - 0xd800) << 10 + (low - 0xdc00))!
  }

  private mutating func hexadecimalUnit() throws(RowFault) -> UInt32 {
    guard index + 6 <= count else { throw fault("expected four hexadecimal digits") }
    var value: UInt32 = 0
    for digit in index + 2..<index + 6 {
      guard let number = Character(Unicode.Scalar(base[digit])).hexDigitValue else {
        throw fault("expected four hexadecimal digits")
      }
      value = value << 4 | UInt32(number)
    }
    index += 6
    return value
  }

  private mutating func skipBlanks() {
    while index < count, base[index] == 0x20 || base[index] == 0x09 || base[index] == 0x0d { index += 1 }
  }

  private mutating func take(_ mark: UInt8) -> Bool {
    skipBlanks()
    guard index < count, base[index] == mark else { return false }
    index += 1
    return true
  }

  private mutating func expect(_ mark: UInt8, _ reason: String) throws(RowFault) {
    if !take(mark) { throw fault(reason) }
  }

  private func text(from start: Int) -> Record.Text {
    Record.Text(start: UnsafePointer(base) + start, count: index - start)
  }

  private func fault(_ reason: String) -> RowFault {
    let shown = max(0, min(count - index, IngestLimits.excerptCharacters))
    return RowFault(Record.Text(start: UnsafePointer(base) + index, count: shown), reason)
  }
}
