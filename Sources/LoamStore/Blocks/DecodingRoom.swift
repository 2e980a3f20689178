import Zstd

/// Memory that blocks are decoded into, one after the other. One thread uses it.
public final class DecodingRoom {
  private var bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 0, alignment: 64)

  public init() {}

  deinit { bytes.deallocate() }

  func reserve(_ byteCount: Int) -> UnsafeMutableRawBufferPointer {
    if byteCount > bytes.count {
      bytes.deallocate()
      bytes = .allocate(byteCount: byteCount * 5 / 4 + 64, alignment: 64)
    }
    return UnsafeMutableRawBufferPointer(rebasing: bytes[..<byteCount])
  }
}

extension Block {
  /// The content, decoded into `room`: valid until it is used again.
  func content(in room: DecodingRoom) throws(StoreError) -> UnsafeRawBufferPointer {
    let header = try header()
    let content = room.reserve(Int(header.bytes))
    switch header.codec {
    case .plain: content.copyMemory(from: payload)
    case .zstd:
      do { try Zstd.decompress(payload, into: content) } catch {
        throw StoreError(.badBlock, "\(address), stamp \(stamp): \(error)")
      }
    case .patch: throw StoreError(.badBlock, "\(address), stamp \(stamp): a patch where a whole block is expected")
    }
    return UnsafeRawBufferPointer(content)
  }
}
