import Zstd

/// The decoded bytes of an input: plain, gzip or zstd, told apart by their first bytes.
package final class ByteSource {
  private enum Decoding {
    case plain
    case gzip(GzipDecoder)
    case zstd(ZstdDecoder)
  }
  private let raw: RawBytes
  private let decoding: Decoding

  package init(_ input: Input) throws(IngestError) {
    raw = try RawBytes(input)
    try raw.fill(atLeast: 6)
    let first = raw.unread
    if first.starts(with: [0x1f, 0x8b]) {
      decoding = .gzip(try GzipDecoder(raw.name))
    } else if first.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) {
      do {
        decoding = .zstd(try ZstdDecoder())
      } catch { throw IngestError(.io, "\(raw.name): \(error.message)") }
    } else if let kind = ByteSource.foreignKind(first) {
      throw IngestError(
        .damagedInput, "\(raw.name): byte 0: this is \(kind), expected text, gzip or zstd",
        hint: "Convert it first; `-` reads standard input.")
    } else {
      decoding = .plain
    }
  }

  package var name: String { raw.name }
  /// Neither gzip nor zstd.
  var isPlain: Bool { if case .plain = decoding { true } else { false } }
  /// Bytes of the file as it lies there that were read so far.
  package var rawBytesRead: Int { raw.offset }
  /// `nil` for a pipe.
  package var rawBytesTotal: Int? { raw.totalBytes }

  /// Some bytes, as many as fit at most; 0 at the end of the input.
  package func read(into output: UnsafeMutableRawBufferPointer) throws(IngestError) -> Int {
    precondition(!output.isEmpty)
    switch decoding {
    case .plain:
      try raw.fill()
      let piece = UnsafeRawBufferPointer(rebasing: raw.unread.prefix(output.count))
      output.copyMemory(from: piece)
      raw.take(piece.count)
      return piece.count
    case .gzip(let decoder): return try decoder.decode(raw, into: output)
    case .zstd(let decoder): return try decode(decoder, into: output)
    }
  }

  private func decode(
    _ decoder: ZstdDecoder, into output: UnsafeMutableRawBufferPointer
  ) throws(IngestError) -> Int {
    while true {
      try raw.fill()
      if raw.unread.isEmpty && decoder.isAtFrameEnd { return 0 }
      let wasAtFrameEnd = decoder.isAtFrameEnd
      let wasEmpty = raw.unread.isEmpty
      do {
        let progress = try decoder.decode(raw.unread, into: output)
        raw.take(progress.consumed)
        if progress.produced > 0 { return progress.produced }
      } catch {
        let what = wasAtFrameEnd ? "bytes after the end of the zstd data are no frame" : "the zstd data is damaged"
        throw damaged("\(what) (\(error.message))")
      }
      if wasEmpty { throw damaged("the zstd data ends too early: the file is truncated") }
    }
  }

  private func damaged(_ what: String) -> IngestError {
    IngestError(
      .damagedInput, "\(name): byte \(raw.offset): \(what)", hint: "Copy the file again; `zstd -t` tests it.")
  }

  private static func foreignKind(_ bytes: UnsafeRawBufferPointer) -> String? {
    let kinds: [([UInt8], String)] = [
      ([0x50, 0x4b, 0x03, 0x04], "a zip archive"), ([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], "xz data"),
      ([0x42, 0x5a, 0x68, 0x39, 0x31, 0x41], "bzip2 data"), ([0x50, 0x41, 0x52, 0x31, 0x15], "a Parquet file"),
      ([0xff, 0xfe], "UTF-16 text"), ([0xfe, 0xff], "UTF-16 text"),
    ]
    return kinds.first { bytes.starts(with: $0.0) }?.1
  }
}
