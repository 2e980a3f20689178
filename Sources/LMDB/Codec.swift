/// How a key or value becomes bytes and comes back.
public protocol Codec {
  associatedtype Element
  static func withBytes<R>(of element: Element, _ body: (UnsafeRawBufferPointer) throws(LMDBError) -> R)
    throws(LMDBError) -> R
  /// `nil`: the bytes are not of this form.
  static func decode(_ bytes: UnsafeRawBufferPointer) -> Element?
}

/// Bytes as they are.
public enum BytesCodec: Codec {
  public static func withBytes<R>(of element: [UInt8], _ body: (UnsafeRawBufferPointer) throws(LMDBError) -> R)
    throws(LMDBError) -> R
  {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(element.count, 1), alignment: 16)
    defer { copy.deallocate() }
    copy.copyBytes(from: element)
    return try body(UnsafeRawBufferPointer(rebasing: copy[..<element.count]))
  }
  public static func decode(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? { Array(bytes) }
}

/// UTF-8 text.
public enum TextCodec: Codec {
  public static func withBytes<R>(of element: String, _ body: (UnsafeRawBufferPointer) throws(LMDBError) -> R)
    throws(LMDBError) -> R
  {
    try BytesCodec.withBytes(of: Array(element.utf8), body)
  }
  public static func decode(_ bytes: UnsafeRawBufferPointer) -> String? {
    String(validating: bytes, as: UTF8.self)
  }
}

/// Eight bytes, big-endian: LMDB's order of keys is then the order of the numbers.
public enum NumberCodec: Codec {
  public static func withBytes<R>(of element: UInt64, _ body: (UnsafeRawBufferPointer) throws(LMDBError) -> R)
    throws(LMDBError) -> R
  {
    var swapped = element.bigEndian
    let copy = UnsafeMutableRawPointer(&swapped, byteCount: 8)
    defer { copy.deallocate() }
    return try body(UnsafeRawBufferPointer(start: copy, count: 8))
  }
  public static func decode(_ bytes: UnsafeRawBufferPointer) -> UInt64? {
    bytes.count == 8 ? UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)) : nil
  }
}

extension UnsafeMutableRawPointer {
  fileprivate init(_ source: UnsafeRawPointer, byteCount: Int) {
    self = .allocate(byteCount: byteCount, alignment: 8)
    copyMemory(from: source, byteCount: byteCount)
  }
}
