import Foundation
import LoamStore
import Synchronization

/// Stores that this process has open: a second opening of a directory gives the same store, since LMDB forbids a second
/// environment on its files.
enum OpenStores {
  private struct Weak: Sendable {
    weak var store: Store?
  }
  private static let known = Mutex<[String: Weak]>([:])

  static func open(_ path: String) throws -> Store {
    let place = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    // Held while it opens: of two threads that want the same store one waits.
    let result = known.withLock { known -> Result<Store, any Error> in
      if let store = known[place]?.store { return .success(store) }
      known = known.filter { $0.value.store != nil }
      return Result {
        let store = try Store.open(at: path, for: .read)
        known[place] = Weak(store: store)
        return store
      }
    }
    return try result.get()
  }
}
