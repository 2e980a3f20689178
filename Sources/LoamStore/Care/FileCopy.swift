import Glibc
import LoamKernels

/// Whole files: their checksum, and copies that are synced and checksummed on the way.
enum FileCopy {
  struct Content: Equatable {
    var bytes: Int
    var crc32c: UInt32
  }

  private static let pieceBytes = 1 << 22

  static func checksum(_ path: String) throws(StoreError) -> Content {
    try read(path) { _ throws(StoreError) in }
  }

  /// Copies into a file that must not exist.
  static func copy(_ source: String, to target: String) throws(StoreError) -> Content {
    let output = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard output >= 0 else { throw DurableFile.failure("create", target) }
    defer { close(output) }
    let content = try read(source) { piece throws(StoreError) in
      var written = 0
      while written < piece.count {
        let count = write(output, piece.baseAddress! + written, piece.count - written)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw DurableFile.failure("write", target) }
        written += count
      }
    }
    guard fsync(output) == 0 else { throw DurableFile.failure("sync", target) }
    return content
  }

  private static func read(_ path: String, _ body: (UnsafeRawBufferPointer) throws(StoreError) -> Void)
    throws(StoreError) -> Content
  {
    let input = open(path, O_RDONLY | O_CLOEXEC)
    guard input >= 0 else { throw DurableFile.failure("open", path) }
    defer { close(input) }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceBytes, alignment: 4_096)
    defer { buffer.deallocate() }
    var content = Content(bytes: 0, crc32c: 0)
    while true {
      let count = Glibc.read(input, buffer.baseAddress!, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw DurableFile.failure("read", path) }
      guard count > 0 else { return content }
      content.crc32c = loam_crc32c(content.crc32c, buffer.baseAddress!, count)
      content.bytes += count
      try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }
}
