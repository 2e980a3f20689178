import Foundation

/// A part of a file that is written from front to back.
final class PackRegion {
  private static let bufferBytes = 1 << 18
  private let descriptor: Int32
  private let path: String
  private var offset: Int
  private let end: Int
  private var buffer: [UInt8] = []

  init(_ descriptor: Int32, _ path: String, at offset: Int, bytes: Int) {
    (self.descriptor, self.path, self.offset, end) = (descriptor, path, offset, offset + bytes)
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws(PackError) {
    precondition(offset + buffer.count + bytes.count <= end, "\(path): more bytes than the region has")
    if buffer.count + bytes.count > Self.bufferBytes { try flush() }
    if bytes.count >= Self.bufferBytes {
      try write(bytes)
    } else {
      buffer.append(contentsOf: bytes)
    }
  }

  func append(_ bytes: [UInt8]) throws(PackError) {
    try bytes.span.bytes.withUnsafeBytes { bytes throws(PackError) in try append(bytes) }
  }

  /// Traps where content is missing: what lies there would be read as rows.
  func finish() throws(PackError) {
    try flush()
    precondition(offset == end, "\(path): \(end - offset) bytes of a region are missing")
  }

  private func flush() throws(PackError) {
    // Taken out: a span of a property would not let `write` have the object.
    var full: [UInt8] = []
    swap(&full, &buffer)
    try full.span.bytes.withUnsafeBytes { bytes throws(PackError) in try write(bytes) }
    full.removeAll(keepingCapacity: true)
    swap(&full, &buffer)
  }

  private func write(_ bytes: UnsafeRawBufferPointer) throws(PackError) {
    var rest = bytes
    while !rest.isEmpty {
      let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset))
      if count < 0 {
        if errno == EINTR { continue }
        throw .system("cannot write", path)
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      offset += count
    }
  }
}
