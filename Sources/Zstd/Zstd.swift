import CZstd

/// One-shot compression. Any thread; does not block beyond the work itself.
public enum Zstd {
  /// One frame with its content size in the header. `level` 1 (fast) ... 19 (small).
  public static func compress(_ bytes: UnsafeRawBufferPointer, level: Int32 = 3) -> [UInt8] {
    let bound = ZSTD_compressBound(bytes.count)
    let context = ZstdContexts.compression.take()
    defer { ZstdContexts.compression.giveBack(context) }
    return [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      let written = ZSTD_compressCCtx(context, buffer.baseAddress, bound, bytes.baseAddress, bytes.count, level)
      // With `bound` bytes of room only a failed allocation is left, which has no answer here.
      precondition(ZSTD_isError(written) == 0, "zstd: \(name(of: written))")
      count = written
    }
  }

  /// The content of exactly `expectedSize` bytes of one or several frames.
  ///
  /// Throws where the frame is damaged, is not whole, or holds another number of bytes; never writes past
  /// `expectedSize`, which the caller must have bounded (it is allocated).
  public static func decompress(
    _ bytes: UnsafeRawBufferPointer, expectedSize: Int
  ) throws(ZstdError) -> [UInt8] {
    guard expectedSize >= 0 else { throw ZstdError("expected size \(expectedSize) is negative") }
    var result: Result<Void, ZstdError> = .success(())
    // One byte more than expected, so that an empty content still has an address.
    let content = [UInt8](unsafeUninitializedCapacity: expectedSize + 1) { buffer, count in
      let room = UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: expectedSize)
      do throws(ZstdError) {
        try decompress(bytes, into: room)
        count = expectedSize
      } catch {
        result = .failure(error)
      }
    }
    try result.get()
    return content
  }

  /// The same into memory of the caller, all of which is filled or an error thrown.
  public static func decompress(
    _ bytes: UnsafeRawBufferPointer, into content: UnsafeMutableRawBufferPointer
  ) throws(ZstdError) {
    let context = ZstdContexts.decompression.take()
    defer { ZstdContexts.decompression.giveBack(context) }
    let code = ZSTD_decompressDCtx(context, content.baseAddress, content.count, bytes.baseAddress, bytes.count)
    if ZSTD_isError(code) != 0 { throw ZstdError("\(name(of: code)), of \(bytes.count) bytes") }
    guard code == content.count else { throw ZstdError("expected \(content.count) bytes of content, found \(code)") }
  }

  static func name(of code: Int) -> String { String(cString: ZSTD_getErrorName(code)) }
}
