/// A bit for each page of a file.
final class PageSet {
  private let words: UnsafeMutablePointer<UInt64>

  /// - Parameter last: the highest page number.
  init(last: UInt64) {
    let count = Int(last) / 64 + 1
    words = .allocate(capacity: count)
    words.initialize(repeating: 0, count: count)
  }

  deinit { words.deallocate() }

  /// Adds `count` pages from `first` on; returns the first one that was there before. All are below the last.
  @inline(__always)
  func insert(_ first: Int, _ count: Int) -> Int? {
    var (page, left) = (first, count)
    while left > 0 {
      let taken = min(left, 64 - page % 64)
      let bits = (UInt64.max >> (64 - taken)) << (page % 64)
      let known = words[page / 64] & bits
      if known != 0 { return page / 64 * 64 + known.trailingZeroBitCount }
      words[page / 64] |= bits
      (page, left) = (page + taken, left - taken)
    }
    return nil
  }
}
