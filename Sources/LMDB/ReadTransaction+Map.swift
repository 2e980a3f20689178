import CLMDB
import Glibc

extension ReadTransaction {
  /// Where the map begins, as long as the transaction is open; `nil`: not to be told.
  ///
  /// A page says its own number. liblmdb has said where the first entry of its list of databases lies, of whose pages the
  /// caller knows that they are sound.
  borrowing func mapStart(pageSize: Int) -> UnsafeRawPointer? {
    // The map begins at a page of the system's: only of pages that are no larger the address tells where they begin.
    guard pageSize <= sysconf(Int32(_SC_PAGESIZE)), let cursor = try? Cursor(handle, 1, environment),
      let key = (try? cursor.first())?.key.baseAddress
    else { return nil }
    let page = UnsafeRawPointer(bitPattern: UInt(bitPattern: key) & ~UInt(pageSize - 1))
    return page.map { $0 - Int($0.load(as: UInt64.self)) * pageSize }
  }
}
