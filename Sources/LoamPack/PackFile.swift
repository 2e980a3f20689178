import Crypto
import Foundation

/// Reading the files of a pack from front to back.
enum PackFile {
  static func content(_ path: String, bytesMax: Int) throws(PackError) -> [UInt8] {
    var content: [UInt8] = []
    try forEachPiece(of: path, pieceBytes: min(bytesMax + 1, 1 << 20)) { piece throws(PackError) in
      content.append(contentsOf: piece)
      guard content.count <= bytesMax else {
        throw PackError(.damaged, "\(path) is longer than \(bytesMax) bytes", hint: "Get the pack again.")
      }
    }
    return content
  }

  static func digest(_ path: String) throws(PackError) -> (bytes: Int, sha256: String) {
    var hash = SHA256()
    var bytes = 0
    try forEachPiece(of: path, pieceBytes: 1 << 20) { piece throws(PackError) in
      hash.update(bufferPointer: piece)
      bytes += piece.count
    }
    return (bytes, hash.finalize().hexadecimal)
  }

  /// Pieces of `pieceBytes`, but for the last one.
  static func forEachPiece(
    of path: String, pieceBytes: Int, _ body: (UnsafeRawBufferPointer) throws(PackError) -> Void
  ) throws(PackError) {
    // Without NONBLOCK a named pipe would wait here for its writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    if descriptor < 0 {
      throw errno == ENOENT
        ? PackError(.notAPack, "\(path) is not there", hint: "Give the directory that 'loam export' made.")
        : .system("cannot open", path)
    }
    defer { close(descriptor) }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceBytes, alignment: 64)
    defer { buffer.deallocate() }
    var filled = 0
    while true {
      let count = read(descriptor, buffer.baseAddress! + filled, buffer.count - filled)
      if count < 0 {
        if errno == EINTR { continue }
        throw .system("cannot read", path)
      }
      filled += count
      if count > 0 && filled < buffer.count { continue }
      if filled > 0 { try body(UnsafeRawBufferPointer(rebasing: buffer[..<filled])) }
      if count == 0 { return }
      filled = 0
    }
  }
}

extension Sequence<UInt8> {
  var hexadecimal: String {
    map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }
}
