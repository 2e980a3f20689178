import CZstd

/// Decodes a stream of frames piece by piece, with memory bounded by libzstd's window limit (128 MiB).
///
/// One thread at a time.
public final class ZstdDecoder {
  public struct Progress: Equatable {
    /// Bytes taken from the input.
    public var consumed: Int
    /// Bytes written to the output.
    public var produced: Int
  }
  private let context: OpaquePointer
  /// The bytes so far end with a whole frame: the only place where a stream may end.
  public private(set) var isAtFrameEnd = true

  public init() throws(ZstdError) {
    guard let context = ZSTD_createDStream() else { throw ZstdError("no memory for a decoder") }
    self.context = context
  }

  deinit { ZSTD_freeDStream(context) }

  /// Decodes some of `input` into `output`. Call again with the rest, until all is consumed and less than all of
  /// `output` was filled.
  public func decode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(ZstdError) -> Progress {
    var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
    var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
    while source.pos < source.size || !isAtFrameEnd {
      let before = (source.pos, target.pos)
      let hint = ZSTD_decompressStream(context, &target, &source)
      if ZSTD_isError(hint) != 0 { throw ZstdError(Zstd.name(of: hint)) }
      isAtFrameEnd = hint == 0
      if target.pos == target.size || (source.pos, target.pos) == before { break }
    }
    return Progress(consumed: source.pos, produced: target.pos)
  }
}
