/// Bytes at a fixed place for as long as this lives: what a `PendingBlock` may point at.
final class OwnedBytes {
  let bytes: UnsafeRawBufferPointer

  init(_ content: [UInt8]) {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(content.count, 1), alignment: 64)
    copy.copyBytes(from: content)
    bytes = UnsafeRawBufferPointer(rebasing: copy[..<content.count])
  }

  deinit { UnsafeRawBufferPointer(start: bytes.baseAddress, count: max(bytes.count, 1)).deallocate() }
}
