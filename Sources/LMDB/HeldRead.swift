import Synchronization

/// A read transaction that outlives a closure: what a snapshot of several environments is made of.
///
/// With NOTLS a read transaction may move between threads. Calls on it take turns, since the first use of a named
/// database in a transaction writes to the transaction's own fields; the pointers that come back need no turn.
public final class HeldRead: Sendable {
  private struct Held: ~Copyable, @unchecked Sendable {
    // Only touched under the mutex.
    let transaction: ReadTransaction
  }
  private let held: Mutex<Held>

  public init(_ environment: Environment) throws(LMDBError) {
    held = Mutex(Held(transaction: try ReadTransaction(environment)))
  }

  public func use<R>(_ body: (borrowing ReadTransaction) throws(LMDBError) -> R) throws(LMDBError) -> R {
    let result = held.withLock { held in
      nonisolated(unsafe) let outcome: Result<R, LMDBError>
      do throws(LMDBError) { outcome = .success(try body(held.transaction)) } catch { outcome = .failure(error) }
      return outcome
    }
    return try result.get()
  }
}
