import Glibc

extension TimelineReader {
  /// Takes the pages of the blocks that were read out of this process's memory. They stay in the system's cache, and come
  /// back when they are read again; what other threads read meanwhile stays right.
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
          guard !word.isNone, !word.isUnverified, let bytes = segment.bytes(index) else { continue }
          let content = UInt(bitPattern: word.content)
          // LMDB's and our header lie before the content, on its first page.
          let (first, end) = (content & ~(pageBytes - 1), (content + bytes + pageBytes - 1) & ~(pageBytes - 1))
          if let known = range, known.upperBound == first {
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
