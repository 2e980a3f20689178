/// Reads a safetensors file from outside. Everything is checked before the first byte of content is given out, and
/// nothing is allocated by a number of the file that was not checked against its length. Any thread may read.
public final class SafetensorsReader: Sendable {
  public let header: SafetensorsHeader
  private let file: InputFile
  private let contentOffset: Int

  /// - Throws: `export.missing`; `export.malformed` as `SafetensorsHeader.init(decoding:contentBytes:)`.
  public init(at path: String) throws(ExportError) {
    let file = try InputFile(path)
    (header, contentOffset) = try Self.header(of: file, path)
    self.file = file
  }

  private static func header(of file: borrowing InputFile, _ path: String) throws(ExportError)
    -> (SafetensorsHeader, contentOffset: Int)
  {
    do {
      let json = try headerText(of: file)
      let contentOffset = 8 + json.count
      return (try SafetensorsHeader(decoding: json, contentBytes: file.byteCount - contentOffset), contentOffset)
    } catch {
      guard error.has(.malformed) else { throw error }
      throw ExportError(.malformed, "\(path): \(error.message)")
    }
  }

  private static func headerText(of file: borrowing InputFile) throws(ExportError) -> [UInt8] {
    guard file.byteCount >= 8 else {
      throw ExportError(.malformed, "\(file.byteCount) bytes are too few for a safetensors file")
    }
    var prefix = [UInt8](repeating: 0, count: 8)
    try file.read(at: 0, into: &prefix)
    let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(SafetensorsHeader.bytesMax), Int(length) <= file.byteCount - 8 else {
      throw ExportError(
        .malformed,
        "the header claims \(length) bytes; the file has \(file.byteCount - 8) after the length, "
          + "the format allows \(SafetensorsHeader.bytesMax)")
    }
    var json = [UInt8](repeating: 0, count: Int(length))
    try file.read(at: 8, into: &json)
    return json
  }

  /// `nil`: the file has no such tensor.
  public func tensor(_ name: String) -> SafetensorsTensor? { header.tensors.first { $0.isNamed(name) } }

  /// Bytes `offset ..< offset + buffer.count` of a tensor's content: one row can be read without the rest.
  public func read(_ tensor: SafetensorsTensor, at offset: Int = 0, into buffer: UnsafeMutableRawBufferPointer)
    throws(ExportError)
  {
    precondition(
      offset >= 0 && buffer.count <= tensor.range.count && offset <= tensor.range.count - buffer.count,
      "\(tensor.name): bytes outside the tensor")
    try file.read(at: contentOffset + tensor.range.lowerBound + offset, into: buffer)
  }

  /// The whole content in pieces of at most 1 MiB, each a whole number of elements.
  public func forEachPiece(
    of tensor: SafetensorsTensor,
    _ body: (_ offset: Int, _ bytes: UnsafeRawBufferPointer) throws(ExportError) -> Void
  ) throws(ExportError) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: min(1 << 20, tensor.range.count), alignment: 64)
    defer { buffer.deallocate() }
    var offset = 0
    while offset < tensor.range.count {
      let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, tensor.range.count - offset)])
      try read(tensor, at: offset, into: piece)
      try body(offset, UnsafeRawBufferPointer(piece))
      offset += piece.count
    }
  }
}
