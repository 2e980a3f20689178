/// A NumPy array on its way in: header read, elements to come.
final class NPYArray {
  let header: NPYHeader
  let stream: ByteStream
  private static let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]

  init(_ feed: any ByteFeed) throws(ImportError) {
    let stream = ByteStream(feed)
    self.stream = stream
    let start = try stream.peek(12)
    guard start.count >= 10, start.starts(with: Self.magic) else {
      throw stream.malformed("no NumPy array begins so", hint: "Is it the right format?")
    }
    let major = start[6]
    guard (1...3).contains(major), start[7] == 0 else {
      throw ImportError(.unsupported, "\(stream.name): version \(major).\(start[7]) of the npy format is not read")
    }
    var count = Int(start[8]) | Int(start[9]) << 8
    var prefix = 10
    if major > 1 {
      guard start.count == 12 || start.count > 12 else { throw stream.malformed("the header ends too early") }
      count |= Int(start[10]) << 16 | Int(start[11]) << 24
      prefix = 12
    }
    guard count <= ImportLimits.npyHeaderBytes else {
      throw stream.malformed("a header of \(count) bytes, at most \(ImportLimits.npyHeaderBytes) are read")
    }
    stream.skip(prefix)
    var text = [UInt8](repeating: 0, count: count)
    var span = text.mutableSpan
    try span.withUnsafeMutableBytes { bytes throws(ImportError) in try stream.take(into: bytes, of: "the header") }
    header = try NPYHeader(text, stream.name)
  }

  static func begins(_ bytes: some Sequence<UInt8>) -> Bool { bytes.starts(with: magic) }

  var name: String { stream.name }

  /// The next element of an array of whole numbers.
  func integer(_ what: @autoclosure () -> String) throws(ImportError) -> Int128 {
    guard case .integer(let size, let signed) = header.type else { preconditionFailure("not an array of integers") }
    var bits: UInt64 = 0
    let result = withUnsafeMutableBytes(of: &bits) { bytes -> Result<Void, ImportError> in
      do throws(ImportError) {
        return .success(try stream.take(into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<size]), of: what()))
      } catch { return .failure(error) }
    }
    try result.get()
    if !signed { return Int128(bits) }
    let unused = 64 - size * 8
    return Int128(Int64(bitPattern: bits << UInt64(unused)) >> Int64(unused))
  }

  /// Nothing may be left.
  func end() throws(ImportError) {
    guard try stream.isAtEnd() else { throw stream.malformed("bytes after the array that its header describes") }
  }
}
