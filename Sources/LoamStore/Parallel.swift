import Dispatch
import Glibc
import Synchronization

/// Numbered items on several threads.
public enum Parallel {
  static let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))

  /// Calls `body` with `0 ..< count`, on at most `threads` threads of the process's pool; 0: as many as the machine has
  /// cores.
  ///
  /// - Throws: what the item of the smallest number threw, whatever the order of time; later ones may not have run then.
  public static func forEach<Failure: Error>(
    _ count: Int, threads: Int, _ body: (Int) throws(Failure) -> Void
  ) throws(Failure) {
    precondition(threads >= 0, "\(threads) threads")
    let workers = min(count, threads == 0 ? cores : threads)
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

  /// What `make` gives for each of `0 ..< count`, in that order; threads and errors as above.
  public static func map<Value: Sendable, Failure: Error>(
    _ count: Int, threads: Int, _ make: (Int) throws(Failure) -> Value
  ) throws(Failure) -> [Value] {
    let made = Made<Value>(count)
    try forEach(count, threads: threads) { (item) throws(Failure) in
      let value = try make(item)
      made.values.withLock { $0[item] = value }
    }
    return made.values.withLock { $0.map { $0! } }
  }

  private final class Made<Value: Sendable>: Sendable {
    let values: Mutex<[Value?]>
    init(_ count: Int) { values = Mutex(Array(repeating: nil, count: count)) }
  }

  /// The same for items that wait, each on its own for the disk: a thread an item, more than there are cores, so that one
  /// that waits leaves its core to another. All of them run.
  static func forEachWaiting<Failure: Error>(_ count: Int, _ body: (Int) throws(Failure) -> Void) throws(Failure) {
    let work = Work<Failure>()
    // All threads have ended before this returns; the caller answers for what its items share.
    withoutActuallyEscaping(body) { body in
      nonisolated(unsafe) let body = body
      let run: @Sendable (Int) -> Void = { item in
        do throws(Failure) { try body(item) } catch { work.fail(error, item) }
      }
      var threads: [pthread_t] = []
      for item in 1..<max(count, 1) {
        // No more threads: slower, and as right.
        if let thread = start({ run(item) }) { threads.append(thread) } else { run(item) }
      }
      if count > 0 { run(0) }
      for thread in threads { pthread_join(thread, nil) }
    }
    if let error = work.error { throw error }
  }

  private static func start(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
    final class Start: Sendable {
      let body: @Sendable () -> Void
      init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let start = Unmanaged.passRetained(Start(body))
    let status = pthread_create(
      &thread, nil,
      { context in
        Unmanaged<Start>.fromOpaque(context!).takeRetainedValue().body()
        return nil
      }, start.toOpaque())
    if status == 0 { return thread }
    start.release()
    return nil
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
