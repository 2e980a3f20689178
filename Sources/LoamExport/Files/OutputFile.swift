import Crypto
import Foundation

/// A new file, written once from front to back; its digest is taken on the way.
struct OutputFile: ~Copyable {
  private static let bufferBytes = 1 << 20
  private let path: String
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var hash = SHA256()
  private var byteCount = 0
  /// Of those the ones that left the buffer.
  private var written = 0

  init(creating path: String) throws(ExportError) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
    if descriptor < 0 { throw systemError("cannot create", path) }
    buffer.reserveCapacity(Self.bufferBytes)
  }

  deinit { close(descriptor) }

  mutating func append(_ bytes: UnsafeRawBufferPointer) throws(ExportError) {
    hash.update(bufferPointer: bytes)
    byteCount += bytes.count
    if buffer.count + bytes.count > Self.bufferBytes { try flush() }
    if bytes.count >= Self.bufferBytes {
      try write(bytes)
    } else {
      buffer.append(contentsOf: bytes)
    }
  }

  mutating func append(_ bytes: [UInt8]) throws(ExportError) {
    try bytes.span.bytes.withUnsafeBytes { bytes throws(ExportError) in try append(bytes) }
  }

  mutating func append(_ bytes: RawSpan) throws(ExportError) {
    try bytes.withUnsafeBytes { (bytes) throws(ExportError) in try append(bytes) }
  }

  mutating func append(_ text: String) throws(ExportError) {
    try append(Array(text.utf8))
  }

  private mutating func flush() throws(ExportError) {
    // Taken out, so that `write` may change the rest of the value meanwhile.
    var full: [UInt8] = []
    swap(&full, &buffer)
    try full.span.bytes.withUnsafeBytes { bytes throws(ExportError) in try write(bytes) }
    full.removeAll(keepingCapacity: true)
    swap(&full, &buffer)
  }

  private mutating func write(_ bytes: UnsafeRawBufferPointer) throws(ExportError) {
    var rest = bytes
    while !rest.isEmpty {
      let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(written))
      if count < 0 {
        if errno == EINTR { continue }
        throw systemError("cannot write", path)
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      written += count
    }
  }

  /// Durable when it returns.
  consuming func finish() throws(ExportError) -> FileDigest {
    try flush()
    if fsync(descriptor) != 0 { throw systemError("cannot sync", path) }
    return FileDigest(bytes: byteCount, sha256: hash.finalize().hexadecimal)
  }
}
