import CLMDB

extension Environment {
  /// Pages of the file that hold nothing now: later writes take them, and compacting gives them back to the disk.
  public func freePages() throws(LMDBError) -> Int {
    try read { transaction throws(LMDBError) in
      // Database 0 is liblmdb's list of freed pages: transaction -> count, page numbers, as machine words.
      let cursor = try Cursor(transaction.handle, 0, self)
      var pages = 0
      var entry = try cursor.first()
      while let (_, value) = entry {
        if value.count >= MemoryLayout<Int>.size { pages += value.loadUnaligned(as: Int.self) }
        entry = try cursor.next()
      }
      return pages
    }
  }
}
