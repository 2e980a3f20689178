import Glibc

/// A data file judged from its bytes, before it is mapped.
enum DataFile {
  /// Whether pages that are in use lie behind the end of the file: touching them through the map is a SIGBUS.
  static func isTruncated(descriptor: Int32) -> Bool {
    while let meta = MetaPages.newest(descriptor: descriptor) {
      // The length after the meta page: a living writer makes the file longer before it says so.
      var status = stat()
      guard fstat(descriptor, &status) == 0 else { return true }
      if Int(status.st_size) >= meta.bytesNeeded { return false }
      let missing = UInt64(Int(status.st_size) / meta.pageSize)..<meta.lastPage + 1
      if FreeList.holds(missing, descriptor: descriptor, meta) { return false }
      // A commit in between may have used the list's own pages for something else: then the new one is judged.
      if MetaPages.newest(descriptor: descriptor)?.transaction == meta.transaction { return true }
    }
    // No meta page can be read: liblmdb refuses the file.
    return false
  }

  /// Whether the two pages at the head can be trusted. A living writer may be writing one of them at any look.
  static func hasSoundMetaPages(descriptor: Int32) -> Bool {
    (0..<looksMax).contains { _ in MetaPages.areSound(descriptor: descriptor) }
  }

  private static let looksMax = 100
}
