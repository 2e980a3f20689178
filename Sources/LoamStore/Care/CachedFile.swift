import Glibc

/// A file mapped to be brought into the page cache; nothing of it is looked at.
///
/// On a map with MADV_HUGEPAGE, Linux reads pieces of 2 MiB into pages of that size, whatever the disk's readahead is,
/// if the file system has large folios (ext4 since 6.16, XFS and Btrfs). Elsewhere it is a plain read in order.
final class CachedFile {
  private static let pageBytes = 4_096
  private static let hugePageBytes = 2 << 20
  /// What one call brings in, so that a kill ends the work soon.
  private static let pieceBytes = 64 << 20

  let count: Int
  private let path: String
  private let descriptor: Int32
  private var start: UnsafeMutableRawPointer?

  init(_ path: String) throws(StoreError) {
    self.path = path
    guard let size = Disk.size(path) else { throw DurableFile.failure("open", path) }
    count = size
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw DurableFile.failure("open", path) }
    try map()
  }

  deinit {
    unmap()
    if descriptor >= 0 { close(descriptor) }
  }

  private func map() throws(StoreError) {
    guard count > 0 else { return }
    guard let start = mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0), start != MAP_FAILED else {
      throw DurableFile.failure("map", path)
    }
    // Refused where the system has no such pages: then they are small.
    _ = madvise(start, count, MADV_HUGEPAGE)
    self.start = start
  }

  private func unmap() {
    if let start { munmap(start, count) }
    start = nil
  }

  /// Reads all of it. Never touches a page, so a file cut off meanwhile is an error and no signal.
  func populate() throws(StoreError) {
    guard let start else { return }
    for first in stride(from: 0, to: count, by: Self.pieceBytes) {
      let length = min(Self.pieceBytes, count - first)
      if madvise(start + first, length, MADV_POPULATE_READ) != 0 {
        // Before Linux 5.14.
        guard errno == EINVAL else { throw DurableFile.failure("read", path) }
        posix_fadvise(descriptor, first, length, POSIX_FADV_WILLNEED)
      }
    }
  }

  /// Gives up what is in the page cache, as far as no process has it mapped and it is written.
  func forget() throws(StoreError) {
    unmap()
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
    try map()
  }

  /// How much of it is in the page cache.
  var residentBytes: Int {
    guard let start else { return 0 }
    var pages = [UInt8](repeating: 0, count: (count + Self.pageBytes - 1) / Self.pageBytes)
    guard mincore(start, count, &pages) == 0 else { return 0 }
    return min(count, pages.count { $0 & 1 != 0 } * Self.pageBytes)
  }

  /// How much of it can be in pages of 2 MiB at the most.
  var bytesInWholeHugePages: Int { count / Self.hugePageBytes * Self.hugePageBytes }

  /// How much of this map is in pages of 2 MiB, by the system's own account; 0 where it gives none.
  var bytesInHugePages: Int {
    guard let start else { return 0 }
    let address = String(UInt(bitPattern: start), radix: 16) + "-"
    return Self.kibibytes("FilePmdMapped:", in: "/proc/self/smaps", after: address).map { $0 << 10 } ?? 0
  }

  /// Memory that programs can have without swapping, the page cache included; `nil` where the system does not say.
  static var availableBytes: Int? { kibibytes("MemAvailable:", in: "/proc/meminfo").map { $0 << 10 } }

  /// Of the first line `NAME   123 kB` behind the one that begins with `start`. Line by line, as a read of such a file
  /// ends short of its end.
  private static func kibibytes(_ name: String, in path: String, after start: String = "") -> Int? {
    guard let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    var line: UnsafeMutablePointer<CChar>?
    var room = 0
    defer { free(line) }
    var isBehind = start.isEmpty
    while getline(&line, &room, file) > 0, let line {
      let text = String(cString: line)
      if isBehind, text.hasPrefix(name) { return text.split(separator: " ").dropFirst().first.flatMap { Int($0) } }
      isBehind = isBehind || text.hasPrefix(start)
    }
    return nil
  }
}
