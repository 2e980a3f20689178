import Foundation

enum SystemPages {
  private static let pageBytes = 4_096

  /// Takes so much memory from the system, touches it and gives it back: whoever asks next, this process, the page cache
  /// or a peer, gets pages that are there.
  ///
  /// A virtual machine's host takes back what lies free. The first touch of such a page is a fault of the host, which
  /// takes as long as writing the page ten times; a file that is written where another was just deleted has none, and a
  /// store that grows has one a page.
  static func makeReady(_ bytes: Int) {
    let flags = MAP_PRIVATE | MAP_ANONYMOUS
    guard let start = mmap(nil, bytes, PROT_READ | PROT_WRITE, flags, -1, 0), start != MAP_FAILED else { return }
    _ = madvise(start, bytes, MADV_HUGEPAGE)
    for page in stride(from: start, to: start + bytes, by: pageBytes) { page.storeBytes(of: 1, as: UInt8.self) }
    munmap(start, bytes)
  }
}
