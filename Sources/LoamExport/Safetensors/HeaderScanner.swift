/// Reads the JSON of a safetensors header from left to right.
///
/// Foundation's parsers keep one of two equal keys without a word; the format forbids them. The grammar has a fixed
/// depth, so there is no recursion that a hostile file could drive deep.
struct HeaderScanner {
  private let bytes: [UInt8]
  private(set) var offset = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func refusal(_ what: String) -> ExportError {
    ExportError(.malformed, "safetensors header, byte \(offset): \(what)")
  }

  private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private mutating func skipBlanks() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { offset += 1 }
  }

  mutating func expect(_ character: Unicode.Scalar) throws(ExportError) {
    skipBlanks()
    guard next == UInt8(ascii: character) else {
      let found = next.map { "byte 0x" + String($0, radix: 16) } ?? "the end"
      throw refusal("expected \(character), found \(found)")
    }
    offset += 1
  }

  mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipBlanks()
    guard next == UInt8(ascii: character) else { return false }
    offset += 1
    return true
  }

  /// Only blanks may follow.
  mutating func expectEnd() throws(ExportError) {
    skipBlanks()
    if next != nil { throw refusal("text after the closing brace") }
  }

  /// Calls `body` with each key; it reads the value. Two keys of the same bytes are refused.
  mutating func object(
    _ body: (_ key: String, _ scanner: inout HeaderScanner) throws(ExportError) -> Void
  ) throws(ExportError) {
    try expect("{")
    if take("}") { return }
    var seen: Set<[UInt8]> = []
    repeat {
      let key = try string()
      if !seen.insert(Array(key.utf8)).inserted { throw refusal("the key \(key.quoted) stands twice") }
      try expect(":")
      try body(key, &self)
    } while take(",")
    try expect("}")
  }

  /// Whole numbers from 0 to Int.max in brackets, `countMax` at the most.
  mutating func numbers(countMax: Int) throws(ExportError) -> [Int] {
    try expect("[")
    var numbers: [Int] = []
    if take("]") { return numbers }
    repeat {
      if numbers.count == countMax { throw refusal("more than \(countMax) numbers") }
      numbers.append(try number())
    } while take(",")
    try expect("]")
    return numbers
  }

  private mutating func number() throws(ExportError) -> Int {
    skipBlanks()
    let start = offset
    var value = 0
    while let byte = next, (0x30...0x39).contains(byte) {
      let (scaled, overflowed) = value.multipliedReportingOverflow(by: 10)
      let (sum, carried) = scaled.addingReportingOverflow(Int(byte - 0x30))
      if overflowed || carried { throw refusal("the number does not fit 63 bits") }
      value = sum
      offset += 1
    }
    if offset == start { throw refusal("expected a whole number >= 0") }
    if bytes[start] == 0x30 && offset > start + 1 { throw refusal("a number begins with 0") }
    if let byte = next, byte == UInt8(ascii: ".") || byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
      throw refusal("expected a whole number, found a fraction or an exponent")
    }
    return value
  }

  mutating func string() throws(ExportError) -> String {
    try expect("\"")
    var text: [UInt8] = []
    while let byte = next {
      offset += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else { throw refusal("a string is not UTF-8") }
        return string
      case UInt8(ascii: "\\"): text += try escape()
      case 0x00..<0x20: throw refusal("a control character in a string")
      default: text.append(byte)
      }
    }
    throw refusal("a string does not end")
  }

  private mutating func escape() throws(ExportError) -> [UInt8] {
    guard let byte = next else { throw refusal("an escape does not end") }
    offset += 1
    switch Unicode.Scalar(byte) {
    case "\"", "\\", "/": return [byte]
    case "b": return [0x08]
    case "f": return [0x0C]
    case "n": return [0x0A]
    case "r": return [0x0D]
    case "t": return [0x09]
    case "u":
      let first = try codeUnit()
      guard UTF16.isLeadSurrogate(first) || UTF16.isTrailSurrogate(first) else {
        return Array(String(Unicode.Scalar(first)!).utf8)
      }
      guard UTF16.isLeadSurrogate(first), next == UInt8(ascii: "\\") else { throw refusal("half a surrogate pair") }
      offset += 1
      guard next == UInt8(ascii: "u") else { throw refusal("half a surrogate pair") }
      offset += 1
      let second = try codeUnit()
      guard UTF16.isTrailSurrogate(second) else { throw refusal("half a surrogate pair") }
      return Array(String(decoding: [first, second], as: UTF16.self).utf8)
    default: throw refusal("an unknown escape")
    }
  }

  private mutating func codeUnit() throws(ExportError) -> UInt16 {
    guard offset + 4 <= bytes.count else { throw refusal("an escape does not end") }
    let digits = bytes[offset..<(offset + 4)]
    guard digits.allSatisfy({ Unicode.Scalar($0).properties.isASCIIHexDigit }),
      let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw refusal("expected four hexadecimal digits") }
    offset += 4
    return unit
  }
}
