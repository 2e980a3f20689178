import CZlib

/// Inflates the members of a gzip file, one after another.
final class GzipDecoder {
  private let stream: UnsafeMutablePointer<z_stream>
  private var isAtMemberEnd = false

  init(_ name: String) throws(IngestError) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 15: the largest window; +16: the gzip wrapper with its CRC.
    let code = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else { throw IngestError(.io, "\(name): zlib cannot start (code \(code))") }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Bytes written to `output`; 0 at the end of the file.
  func decode(_ raw: RawBytes, into output: UnsafeMutableRawBufferPointer) throws(IngestError) -> Int {
    while true {
      try raw.fill(atLeast: isAtMemberEnd ? 2 : 1)
      let input = raw.unread
      if isAtMemberEnd {
        if input.isEmpty { return 0 }
        guard input.count >= 2, input[0] == 0x1f, input[1] == 0x8b else {
          throw damaged(raw, "bytes after the end of the gzip data are no gzip member")
        }
        inflateReset(stream)
        isAtMemberEnd = false
      }
      if input.isEmpty { throw damaged(raw, "the gzip data ends too early: the file is truncated") }
      stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
      stream.pointee.avail_in = UInt32(input.count)
      stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
      stream.pointee.avail_out = UInt32(output.count)
      let code = inflate(stream, Z_NO_FLUSH)
      raw.take(input.count - Int(stream.pointee.avail_in))
      switch code {
      case Z_OK, Z_BUF_ERROR: break
      case Z_STREAM_END: isAtMemberEnd = true
      default:
        throw damaged(raw, "the gzip data is damaged (\(stream.pointee.msg.map { String(cString: $0) } ?? "\(code)"))")
      }
      let produced = output.count - Int(stream.pointee.avail_out)
      if produced > 0 { return produced }
    }
  }

  private func damaged(_ raw: RawBytes, _ what: String) -> IngestError {
    IngestError(
      .damagedInput, "\(raw.name): byte \(raw.offset): \(what)", hint: "Copy the file again; `gzip -t` tests it.")
  }
}
