import Glibc

/// Work on every shard at once, where each waits for its own disk writes: more threads than cores, so that a shard that
/// waits leaves its core to another one.
enum ShardThreads {
  private final class Work: Sendable {
    let number: Int
    let body: @Sendable (Int) -> Void
    init(_ number: Int, _ body: @escaping @Sendable (Int) -> Void) { (self.number, self.body) = (number, body) }
  }
  static let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))

  /// Runs `body` with each number below `count` and returns when all have ended. A single one runs on this thread.
  static func forEach(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    var threads: [pthread_t] = []
    for number in 1..<max(count, 1) {
      var thread = pthread_t()
      let work = Unmanaged.passRetained(Work(number, body))
      let status = pthread_create(
        &thread, nil,
        { context in
          let work = Unmanaged<Work>.fromOpaque(context!).takeRetainedValue()
          work.body(work.number)
          return nil
        }, work.toOpaque())
      if status == 0 {
        threads.append(thread)
      } else {
        // No more threads: slower, and as right.
        work.release()
        body(number)
      }
    }
    if count > 0 { body(0) }
    for thread in threads { pthread_join(thread, nil) }
  }
}
