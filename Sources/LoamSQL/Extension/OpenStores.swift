import LoamStore
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The stores that connections of this process read, each opened once: LMDB allows no second time.
///
/// A store ends with the last snapshot of it.
enum OpenStores {
  private struct Entry { weak var store: Store? }
  private static let stores = Mutex<[String: Entry]>([:])

  /// A store that the process has open already, so that `loam_open` of its path finds it.
  static func register(_ store: Store) {
    guard let key = key(store.path) else { return }
    stores.withLock { $0[key] = Entry(store: store) }
  }

  private static func key(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  static func store(at path: String) throws(SQLError) -> Store {
    let key = key(path)
    let result = stores.withLock { stores -> Result<Store, StoreError> in
      if let key, let store = stores[key]?.store { return .success(store) }
      do throws(StoreError) {
        let store = try Store.open(at: path, for: .read)
        stores[key ?? path] = Entry(store: store)
        return .success(store)
      } catch { return .failure(error) }
    }
    return try SQLError.passing { () throws(StoreError) in try result.get() }
  }
}
