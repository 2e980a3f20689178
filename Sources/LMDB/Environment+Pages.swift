import CLMDB

extension Environment {
  /// How much of a data file's trees is looked at.
  public enum PageScope: Sendable {
    /// What liblmdb follows on the way to a value, in every tree of up to so many leaves; of larger trees, and of
    /// databases that are not read before `checkUnread`, the branches, which number the leaves.
    case keys(leavesMax: Int, unread: Set<String> = [])
    /// Everything but the content of values.
    case everything
  }

  /// What is wrong with the data file's pages, in words; empty: liblmdb can follow them. At most 16 problems.
  ///
  /// liblmdb has no checksums and trusts what it reads: damage in its own pages would end the process, or show another
  /// entry's bytes. Reads the branches and leaves, 1 in some 100 pages of a store.
  public func pageProblems(_ scope: PageScope) throws(LMDBError) -> [String] {
    requireOpen()
    var descriptor: Int32 = -1
    try check(mdb_env_get_fd(handle, &descriptor), "mdb_env_get_fd")
    for _ in 0..<Self.looksMax {
      // The transaction keeps its pages from being used again, and looks at none of them itself.
      let found = try read { transaction throws(LMDBError) -> [String]? in
        let number = UInt64(mdb_txn_id(transaction.handle))
        guard let meta = MetaPages.of(transaction: number, descriptor: descriptor) else { return nil }
        return PageWalk.problems(descriptor: descriptor, meta, scope) { transaction.mapStart(pageSize: meta.pageSize) }
      }
      if let found { return found }
    }
    return ["no meta page is that of a transaction"]
  }

  /// Looks at the leaves that opening left unread, before the first use of their databases.
  public func checkUnread() throws(LMDBError) {
    guard hasUnread.withLock({ $0 }) else { return }
    try refuseDamagedPages(.keys(leavesMax: Self.leavesMax))
    hasUnread.withLock { $0 = false }
  }

  func refuseDamagedPages(_ scope: PageScope) throws(LMDBError) {
    if let problem = try pageProblems(scope).first { throw LMDBError(.damaged(problem), call: "open", path: path) }
  }

  /// Writers overwrite a meta page every second commit: one that is read between two of them is met soon.
  private static let looksMax = 1_000
}
