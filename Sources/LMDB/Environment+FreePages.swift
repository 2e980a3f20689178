import CLMDB

extension Environment {
  /// Pages of the file that hold nothing now: later writes take them, and compacting gives them back to the disk.
  public func freePages() throws(LMDBError) -> Int { try freePages(before: .max) }

  /// Those of them that the next write can take: pages that the last commit freed, or that a reader may still look at,
  /// wait for a commit more.
  public func reusablePages() throws(LMDBError) -> Int {
    let oldest = try readers().first?.transaction ?? .max
    return try freePages(before: min(oldest, try usage().lastTransaction))
  }

  private func freePages(before transaction: Int) throws(LMDBError) -> Int {
    let limit = transaction
    return try read { transaction throws(LMDBError) in
      // Database 0 is liblmdb's list of freed pages: transaction -> count, page numbers, as machine words.
      let cursor = try Cursor(transaction.handle, 0, self)
      var pages = 0
      var entry = try cursor.first()
      while let (key, value) = entry, key.loadUnaligned(as: Int.self) < limit {
        if value.count >= MemoryLayout<Int>.size { pages += value.loadUnaligned(as: Int.self) }
        entry = try cursor.next()
      }
      return pages
    }
  }
}
