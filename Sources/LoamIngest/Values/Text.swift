import LoamSchema

/// The ID of a string field's value: XXH3-64 of its bytes.
///
/// Refused: more than 256 bytes, invalid UTF-8, NUL, and a hash that is one of the reserved IDs.
extension Record.Text {
  /// Why the bytes are no string ID; `nil` where they are one.
  package func refusalAsString() -> String? {
    if count > IngestLimits.stringIDBytes {
      return "a string ID of \(count) bytes, at most \(IngestLimits.stringIDBytes)"
    }
    var index = 0
    var high: UInt64 = 0
    var zero: UInt64 = 0
    let raw = UnsafeRawPointer(start)
    while index + 8 <= count {
      let word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      high |= word
      // A bit wherever a byte is zero (Hacker's Delight, 6-1); bytes above 0x80 only ever add a second look.
      zero |= (word &- 0x0101_0101_0101_0101) & ~word
      index += 8
    }
    while index < count {
      high |= UInt64(start[index])
      if start[index] == 0 { zero |= 0x80 }
      index += 1
    }
    if zero & 0x8080_8080_8080_8080 != 0, bytes.contains(0) { return "a NUL byte in a string ID" }
    if high & 0x8080_8080_8080_8080 != 0, !isValidUTF8 { return "a string ID that is not valid UTF-8" }
    return nil
  }

  private var isValidUTF8: Bool {
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    while true {
      switch decoder.decode(&iterator) {
      case .scalarValue: continue
      case .emptyInput: return true
      case .error: return false
      }
    }
  }
}
