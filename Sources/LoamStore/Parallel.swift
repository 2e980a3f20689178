import Dispatch
import Foundation
import Synchronization

/// Numbered items on several threads of the process's pool.
public enum Parallel {
  /// Calls `body` with `0 ..< count`, on at most `threads` threads; 0: as many as the machine has cores.
  ///
  /// - Throws: what the item of the smallest number threw, whatever the order of time; later ones may not have run then.
  public static func forEach<Failure: Error>(
    _ count: Int, threads: Int, _ body: (Int) throws(Failure) -> Void
  ) throws(Failure) {
    precondition(threads >= 0, "\(threads) threads")
    let workers = min(count, threads == 0 ? ProcessInfo.processInfo.activeProcessorCount : threads)
    guard workers > 1 else {
      for item in 0..<count { try body(item) }
      return
    }
    let work = Work<Failure>()
    // All calls return before `concurrentPerform` does; the caller answers for what its items share.
    withoutActuallyEscaping(body) { body in
      nonisolated(unsafe) let body = body
      DispatchQueue.concurrentPerform(iterations: workers) { _ in
        while true {
          let item = work.next.add(1, ordering: .relaxed).oldValue
          guard item < count, !work.hasFailed else { return }
          do throws(Failure) { try body(item) } catch { work.fail(error, item) }
        }
      }
    }
    if let error = work.error { throw error }
  }

  private final class Work<Failure: Error>: Sendable {
    let next = Atomic(0)
    private let failure = Mutex<(item: Int, error: Failure)?>(nil)

    /// Items are taken in their order, so those before a failed one are under way or done.
    var hasFailed: Bool { failure.withLock { $0 != nil } }
    var error: Failure? { failure.withLock { $0?.error } }

    func fail(_ error: Failure, _ item: Int) {
      failure.withLock { if $0.map({ item < $0.item }) ?? true { $0 = (item, error) } }
    }
  }
}
