import LMDB
import LoamSchema

extension Store {
  /// The number of the latest version. One look at the catalog, some microseconds: for readers that ask again and again
  /// whether there is a newer version than theirs.
  public func latestVersion() throws(StoreError) -> UInt64 {
    try catalog.read { transaction throws(LMDBError) in try transaction.number("latest", catalog) }
  }
}
