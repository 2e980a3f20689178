import Foundation
import LoamIngest

/// Decoded bytes from front to back.
protocol ByteFeed: AnyObject {
  /// How messages call it.
  var name: String { get }
  /// Some bytes, as many as fit at most; 0 at the end, at which everything was checked.
  func read(into output: UnsafeMutableRawBufferPointer) throws(ImportError) -> Int
  /// Of the file as it lies there.
  var fileBytesRead: Int { get }
  var fileBytesTotal: Int { get }
}

/// A file: plain, gzip or zstd, told apart by its first bytes.
final class FileFeed: ByteFeed {
  private let source: ByteSource
  let fileBytesTotal: Int
  private var decoded = 0

  init(_ path: String) throws(ImportError) {
    fileBytesTotal = try Self.byteCount(path)
    source = try ImportError.passing { () throws(IngestError) in try ByteSource(.file(path)) }
  }

  /// - Throws: `import.missing`: there is no regular file.
  static func byteCount(_ path: String) throws(ImportError) -> Int {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw ImportError(.missing, "cannot open \(path): \(String(cString: strerror(errno)))")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw ImportError(
        .missing, "\(path) is not a regular file", hint: "An import reads its file twice: save it to a file first.")
    }
    return Int(status.st_size)
  }

  var name: String { source.name }
  var fileBytesRead: Int { source.rawBytesRead }

  func read(into output: UnsafeMutableRawBufferPointer) throws(ImportError) -> Int {
    let source = source
    nonisolated(unsafe) let room = output
    let count = try ImportError.passing { () throws(IngestError) in try source.read(into: room) }
    decoded += count
    try ImportLimits.refuseBomb(decoded: decoded, from: fileBytesRead, name)
    return count
  }
}
