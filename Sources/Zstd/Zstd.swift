import CZstd
import Synchronization

/// One-shot compression. Any thread; does not block beyond the work itself.
public enum Zstd {
  /// Contexts that nobody uses, by address: making one costs more than compressing a small block.
  private static let contexts = Mutex<[UInt]>([])
  private static let contextsKept = 64

  /// One frame with its content size in the header. `level` 1 (fast) ... 19 (small).
  public static func compress(_ bytes: UnsafeRawBufferPointer, level: Int32 = 3) -> [UInt8] {
    let bound = ZSTD_compressBound(bytes.count)
    let known = contexts.withLock { $0.popLast() }
    guard let context = known.flatMap({ OpaquePointer(bitPattern: $0) }) ?? ZSTD_createCCtx() else {
      preconditionFailure("zstd: no memory for a context")
    }
    defer {
      let isKept = contexts.withLock { contexts in
        if contexts.count < contextsKept { contexts.append(UInt(bitPattern: context)) }
        return contexts.last == UInt(bitPattern: context)
      }
      if !isKept { ZSTD_freeCCtx(context) }
    }
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
    var code = 0
    // One byte more than expected, so that an empty content still has an address.
    let content = [UInt8](unsafeUninitializedCapacity: expectedSize + 1) { buffer, count in
      code = ZSTD_decompress(buffer.baseAddress, expectedSize, bytes.baseAddress, bytes.count)
      count = ZSTD_isError(code) == 0 ? code : 0
    }
    if ZSTD_isError(code) != 0 { throw ZstdError("\(name(of: code)), of \(bytes.count) bytes") }
    guard content.count == expectedSize else {
      throw ZstdError("expected \(expectedSize) bytes of content, found \(content.count)")
    }
    return content
  }

  static func name(of code: Int) -> String { String(cString: ZSTD_getErrorName(code)) }
}
