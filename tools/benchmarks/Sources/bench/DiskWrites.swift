import Foundation

/// What this process has written to files.
enum DiskWrites {
  /// Bytes given to write calls so far. liblmdb writes every page that a commit changed with one, whole.
  ///
  /// Not `write_bytes`, which counts all of a large folio of the page cache when one page of it becomes dirty.
  static func bytes() throws -> Int {
    let text = try String(contentsOfFile: "/proc/self/io", encoding: .utf8)
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("wchar:") }),
      let bytes = Int(line.dropFirst("wchar:".count).trimmingCharacters(in: .whitespaces))
    else { throw Failure("/proc/self/io names no wchar") }
    return bytes
  }

  /// Seconds that writing one new file of that size takes, fsync included.
  static func seconds(ofFile path: String, bytes: Int) throws -> Double {
    let piece = UnsafeMutableRawPointer.allocate(byteCount: 1 << 20, alignment: 4_096)
    defer { piece.deallocate() }
    piece.initializeMemory(as: UInt8.self, repeating: 0x5A, count: 1 << 20)
    unlink(path)
    let start = Clock.wallSeconds()
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    guard file >= 0 else { throw Failure("\(path) cannot be written") }
    defer {
      close(file)
      unlink(path)
    }
    var left = bytes
    while left > 0 {
      let count = write(file, piece, min(left, 1 << 20))
      guard count > 0 else { throw Failure("\(path): errno \(errno)") }
      left -= count
    }
    guard fsync(file) == 0 else { throw Failure("\(path): errno \(errno)") }
    return Clock.wallSeconds() - start
  }
}
