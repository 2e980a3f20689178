import Foundation

/// A new file, written once from front to back; its digest is taken on the way.
///
/// ```
///   append ─▶ pieces of 1 MiB ─▶ FileWriter, on a thread of its own: SHA-256, write
/// ```
struct OutputFile: ~Copyable {
  private static let bufferBytes = 1 << 20
  private let writer: FileWriter
  private var buffer: [UInt8] = []

  init(creating path: String) throws(ExportError) {
    writer = try FileWriter(creating: path)
  }

  mutating func append(_ bytes: UnsafeRawBufferPointer) throws(ExportError) {
    var rest = bytes
    while buffer.count + rest.count >= Self.bufferBytes {
      let part = Self.bufferBytes - buffer.count
      buffer.append(contentsOf: rest[..<part])
      rest = UnsafeRawBufferPointer(rebasing: rest[part...])
      try flush()
    }
    buffer.append(contentsOf: rest)
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
    var full: [UInt8] = []
    full.reserveCapacity(Self.bufferBytes)
    swap(&full, &buffer)
    try writer.append(full)
  }

  /// Durable when it returns.
  consuming func finish() throws(ExportError) -> FileDigest {
    try writer.append(buffer)
    return try writer.finish()
  }
}
