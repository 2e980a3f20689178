import Glibc

/// Zeros in huge pages, side by side, that take memory only where they are written.
///
/// A lookup reads them at random: in pages of 4 KiB the entries of a large table would wait for the page table as rows do.
// Sendable: places are taken by one thread, before the arrays are shared.
final class PatchArrays: @unchecked Sendable {
  private static let hugePageBytes = 2 << 20

  private let start: UnsafeMutableRawPointer
  private let mapped: UnsafeMutableRawPointer
  private let bytes: Int
  private var taken = 0

  /// - Parameter bytes: of everything that will be taken.
  init(bytes: Int) {
    // Each array begins at a multiple of 64; huge pages at one of their size.
    self.bytes = bytes + 8 * 64 + 2 * Self.hugePageBytes
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | Int32(MAP_NORESERVE)
    guard let found = mmap(nil, self.bytes, PROT_READ | PROT_WRITE, flags, -1, 0), found != MAP_FAILED else {
      fatalError("no address space for \(bytes) bytes of patches")
    }
    mapped = found
    let huge = UInt(Self.hugePageBytes)
    start = UnsafeMutableRawPointer(bitPattern: (UInt(bitPattern: found) + huge - 1) & ~(huge - 1))!
    // A small table is not worth a huge page.
    if bytes > Self.hugePageBytes / 4 { _ = madvise(start, bytes + 8 * 64, Int32(MADV_HUGEPAGE)) }
  }

  deinit { munmap(mapped, bytes) }

  func take<Element>(_ count: Int) -> UnsafeMutablePointer<Element> {
    let place = start + taken
    taken = (taken + count * MemoryLayout<Element>.stride + 63) & ~63
    return place.bindMemory(to: Element.self, capacity: count)
  }
}
