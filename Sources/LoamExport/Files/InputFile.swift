import Crypto
import Foundation

/// A regular file from outside. A link is refused: a manifest must not lead out of its directory.
package struct InputFile: ~Copyable {
  private let path: String
  private let descriptor: Int32
  package let byteCount: Int

  package init(_ path: String) throws(ExportError) {
    self.path = path
    // Without NONBLOCK a named pipe would wait here for its writer.
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    if descriptor < 0 {
      if errno == ELOOP { throw ExportError(.malformed, "\(path) is a symbolic link, expected a file") }
      throw systemError("cannot open", path)
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw ExportError(.malformed, "\(path) is not a regular file")
    }
    byteCount = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Fills the buffer, or throws.
  package func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(ExportError) {
    var done = 0
    while done < buffer.count {
      let count = pread(descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(offset + done))
      if count < 0 {
        if errno == EINTR { continue }
        throw systemError("cannot read", path)
      }
      if count == 0 { throw ExportError(.damaged, "\(path) ended at byte \(offset + done) while it was read") }
      done += count
    }
  }

  package func read(at offset: Int, into bytes: inout [UInt8]) throws(ExportError) {
    var span = bytes.mutableSpan
    try span.withUnsafeMutableBytes { buffer throws(ExportError) in try read(at: offset, into: buffer) }
  }

  func content(bytesMax: Int) throws(ExportError) -> [UInt8] {
    guard byteCount <= bytesMax else {
      throw ExportError(.malformed, "\(path) has \(byteCount) bytes, at most \(bytesMax) are read")
    }
    var bytes = [UInt8](repeating: 0, count: byteCount)
    try read(at: 0, into: &bytes)
    return bytes
  }

  func digest() throws(ExportError) -> FileDigest {
    var hash = SHA256()
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: min(1 << 20, byteCount), alignment: 64)
    defer { buffer.deallocate() }
    var offset = 0
    while offset < byteCount {
      let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, byteCount - offset)])
      try read(at: offset, into: piece)
      hash.update(bufferPointer: UnsafeRawBufferPointer(piece))
      offset += piece.count
    }
    return FileDigest(bytes: byteCount, sha256: hash.finalize().hexadecimal)
  }
}
