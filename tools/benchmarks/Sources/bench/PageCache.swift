import Foundation

enum PageCache {
  /// Drops the files of a directory from the page cache and reads them in order.
  ///
  /// Pages that were written or read one at a time lie scattered in memory; read in order they lie in runs, which the
  /// processor's translation buffers can hold as one entry. It speeds up random lookups by more than half (docs/decisions,
  /// 0004), so whoever is not warmed gets it.
  static func fill(_ directory: String) throws {
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4_096)
    defer { room.deallocate() }
    try dropping(directory) { file in while read(file, room.baseAddress, room.count) > 0 {} }
  }

  /// Drops the files of a directory: whoever reads them next waits for the disk.
  static func drop(_ directory: String) throws { try dropping(directory) { _ in } }

  private static func dropping(_ directory: String, then body: (Int32) -> Void) throws {
    guard let names = FileManager.default.enumerator(atPath: directory) else { throw Failure("no \(directory)") }
    for case let name as String in names {
      let file = open("\(directory)/\(name)", O_RDONLY)
      guard file >= 0 else { continue }
      defer { close(file) }
      // Only clean pages can be dropped.
      fsync(file)
      posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED)
      body(file)
    }
  }
}
