import Glibc

extension TimelineReader {
  /// Bytes of the largest block: what one read event may bring into this process's memory.
  public var largestBlockBytes: Int {
    shards.lazy.flatMap(\.segments).map(\.largestBlockBytes).max() ?? 0
  }

  /// The most that a kernel maps at once for one page that is touched: what it keeps together in its cache.
  private static let folioBytes: UInt = 2 << 20

  /// Takes the pages of this timeline's blocks out of the process's memory. They stay in the system's cache, and come back
  /// when they are read again; what other threads read meanwhile stays right.
  ///
  /// All blocks, since neighbours of one that was read are mapped with it; and what lies between two that are near.
  public func releasePages() {
    let pageBytes = UInt(getpagesize())
    for shard in shards {
      var range: Range<UInt>?
      func release() {
        guard let pages = range, let start = UnsafeMutableRawPointer(bitPattern: pages.lowerBound) else { return }
        madvise(start, pages.count, MADV_DONTNEED)
      }
      for segment in shard.segments {
        for index in 0..<segment.blockCount {
          let word = segment.words[index]
          guard !word.isNone, let bytes = segment.bytes(index) else { continue }
          let content = UInt(bitPattern: word.content)
          // LMDB's and our header lie before the content, on its first page.
          let (first, end) = (content & ~(pageBytes - 1), (content + bytes + pageBytes - 1) & ~(pageBytes - 1))
          if let known = range, first >= known.upperBound, first - known.upperBound <= Self.folioBytes {
            range = known.lowerBound..<end
          } else {
            release()
            range = first..<end
          }
        }
      }
      release()
    }
  }
}
