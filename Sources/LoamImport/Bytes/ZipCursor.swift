/// Reads the records of a zip directory from front to back.
struct ZipCursor {
  private let bytes: [UInt8]
  private let path: String
  private var position = 0

  init(_ bytes: [UInt8], _ path: String) { (self.bytes, self.path) = (bytes, path) }

  var isAtEnd: Bool { position == bytes.count }

  func refusal(_ what: String) -> ImportError {
    ImportError(.malformed, "\(path): zip directory, byte \(position): \(what)")
  }

  /// The bytes are there: the caller made them as many.
  mutating func u16() -> UInt16 { UInt16(truncatingIfNeeded: number(2)) }
  mutating func u32() -> UInt32 { UInt32(truncatingIfNeeded: number(4)) }

  private mutating func number(_ count: Int) -> UInt64 {
    defer { position += count }
    return bytes[position..<position + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Eight bytes that stand for a place or a length.
  mutating func offset() throws(ImportError) -> Int {
    guard bytes.count - position >= 8 else { throw refusal("ends within a number") }
    let value = number(8)
    guard value <= UInt64(Int.max / 2) else { throw refusal("a number of \(value)") }
    return Int(value)
  }

  mutating func entry() throws(ImportError) -> ZipArchive.Entry {
    guard bytes.count - position >= 46 else { throw refusal("ends within an entry") }
    guard u32() == 0x0201_4B50 else { throw refusal("expected an entry") }
    _ = (u16(), u16())
    let flags = u16()
    let method = u16()
    _ = u32()
    let crc = u32()
    var packed = Int(u32())
    var unpacked = Int(u32())
    let (nameCount, extraCount, commentCount) = (Int(u16()), Int(u16()), Int(u16()))
    _ = (u16(), u16(), u32())
    var offset = Int(u32())
    guard bytes.count - position >= nameCount + extraCount + commentCount else { throw refusal("ends within an entry") }
    let nameBytes = bytes[position..<position + nameCount]
    guard let name = String(validating: nameBytes, as: UTF8.self), Self.isSafe(name) else {
      throw refusal("\(String(decoding: nameBytes, as: UTF8.self).quoted) is no name for an array")
    }
    position += nameCount
    var extra = ZipCursor(Array(bytes[position..<position + extraCount]), path)
    position += extraCount + commentCount
    if packed == 0xFFFF_FFFF || unpacked == 0xFFFF_FFFF || offset == 0xFFFF_FFFF {
      try extra.seekZip64()
      if unpacked == 0xFFFF_FFFF { unpacked = try extra.offset() }
      if packed == 0xFFFF_FFFF { packed = try extra.offset() }
      if offset == 0xFFFF_FFFF { offset = try extra.offset() }
    }
    guard flags & 0x41 == 0 else {
      throw ImportError(.unsupported, "\(path): entry \(name.quoted) is encrypted")
    }
    guard method == 0 || method == 8 else {
      throw ImportError(
        .unsupported, "\(path): entry \(name.quoted) is packed by method \(method), expected stored or deflated")
    }
    guard method == 8 || packed == unpacked else { throw refusal("a stored entry of \(packed) and \(unpacked) bytes") }
    return .init(
      name: name, isDeflated: method == 8, crc: crc, packedBytes: packed, bytes: unpacked, offset: offset)
  }

  /// Moves to the content of the zip64 field.
  private mutating func seekZip64() throws(ImportError) {
    while bytes.count - position >= 4 {
      let (id, count) = (u16(), Int(u16()))
      guard bytes.count - position >= count else { break }
      if id == 1 { return }
      position += count
    }
    throw refusal("an entry of more than 4 GiB without its zip64 field")
  }

  /// One name, without a way to another directory.
  private static func isSafe(_ name: String) -> Bool {
    (1...255).contains(name.utf8.count) && !name.hasPrefix(".")
      && name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F && !"/\\:".unicodeScalars.contains($0) }
  }
}
