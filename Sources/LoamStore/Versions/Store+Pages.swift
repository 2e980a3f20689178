import LMDB

extension Store {
  /// What is wrong with the pages of the store's files, before anything in them is followed; empty: nothing.
  ///
  /// Everything else reads through liblmdb, which ends the process where its own pages are damaged.
  func pageProblems() throws(StoreError) -> [String] {
    var problems: [String] = []
    for environment in [catalog.environment] + shards.map(\.environment) {
      let found = try lmdb { () throws(LMDBError) in try environment.pageProblems(.everything) }
      problems += found.map { "\(environment.path): \($0)" }
    }
    return problems
  }
}
