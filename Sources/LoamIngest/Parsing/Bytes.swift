#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension UnsafeBufferPointer<UInt8> {
  /// Index of the first `byte` at or after `from`.
  @inline(__always)
  func index(of byte: UInt8, from: Int = 0) -> Int? {
    guard from < count, let base = baseAddress, let found = memchr(base + from, Int32(byte), count - from) else {
      return nil
    }
    return UnsafeRawPointer(base).distance(to: UnsafeRawPointer(found))
  }

  /// Bytes up to and with the first line feed; at the end of the input the last line needs none.
  func lineLength(atEnd: Bool) -> Int? {
    if let feed = index(of: UInt8(ascii: "\n")) { return feed + 1 }
    return atEnd ? count : nil
  }

  /// Without the line feed, and without the carriage return before it or at the very end.
  var withoutLineEnd: UnsafeBufferPointer<UInt8> {
    var length = count
    if length > 0, self[length - 1] == UInt8(ascii: "\n") { length -= 1 }
    if length > 0, self[length - 1] == UInt8(ascii: "\r") { length -= 1 }
    return UnsafeBufferPointer(start: baseAddress, count: length)
  }

  /// Whether the bytes are those of `text`.
  @inline(__always)
  func equals(_ text: [UInt8]) -> Bool {
    guard count == text.count else { return false }
    for index in 0..<count where self[index] != text[index] { return false }
    return true
  }
}

extension Record.Text {
  /// Without blanks and tabs around it.
  var trimmed: Record.Text {
    var (first, last) = (0, count)
    while first < last, start[first] == 0x20 || start[first] == 0x09 { first += 1 }
    while first < last, start[last - 1] == 0x20 || start[last - 1] == 0x09 { last -= 1 }
    return Record.Text(start: start + first, count: last - first)
  }

  func suffix(from offset: Int) -> Record.Text { Record.Text(start: start + offset, count: count - offset) }
  func prefix(_ length: Int) -> Record.Text { Record.Text(start: start, count: length) }

  var string: String { String(decoding: bytes, as: UTF8.self) }
}
