import Glibc
import Synchronization

/// Stores that this process has open to read, each opened once: LMDB forbids a second environment on its files.
///
/// For those who are handed a path and not a store, such as extensions of other programs. A store ends with the last who
/// uses it.
public enum SharedStores {
  private struct Entry { weak var store: Store? }
  private static let known = Mutex<[String: Entry]>([:])

  /// The store at a path, links in it followed: the one that is open already, or one that is opened now.
  public static func store(at path: String) throws(StoreError) -> Store {
    let key = key(path)
    // Held while it opens: of two threads that want the same store one waits.
    let result = known.withLock { known -> Result<Store, StoreError> in
      if let key, let store = known[key]?.store { return .success(store) }
      known = known.filter { $0.value.store != nil }
      do throws(StoreError) {
        let store = try Store.open(at: path, for: .read)
        known[key ?? path] = Entry(store: store)
        return .success(store)
      } catch { return .failure(error) }
    }
    return try result.get()
  }

  /// A store that the process has open already, so that its path finds it.
  public static func register(_ store: Store) {
    guard let key = key(store.path) else { return }
    known.withLock { $0[key] = Entry(store: store) }
  }

  private static func key(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
