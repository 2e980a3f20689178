import Glibc
import Synchronization

/// Lets transactions pass while the map stands still, and the map move while no transaction of this process is open.
///
/// liblmdb remaps under whatever pointers are out; it checks only for a write transaction. So every transaction takes
/// the gate shared, and growing takes it alone.
final class MapGate: @unchecked Sendable {
  // The lock is initialised before anybody else sees `self` and freed after everybody has gone.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var openTransactions = 0
  private var growing = false

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(changed, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    pthread_cond_destroy(changed)
    mutex.deallocate()
    changed.deallocate()
  }

  var isIdle: Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return openTransactions == 0
  }

  func enter() {
    pthread_mutex_lock(mutex)
    while growing { pthread_cond_wait(changed, mutex) }
    openTransactions += 1
    pthread_mutex_unlock(mutex)
  }

  /// Whether it was the last one.
  @discardableResult
  func leave() -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    openTransactions -= 1
    if openTransactions == 0 { pthread_cond_broadcast(changed) }
    return openTransactions == 0
  }

  /// Runs `body` with no transaction open and none able to begin. `false`: some stayed open for `timeoutSeconds`.
  func alone(timeoutSeconds: Double, _ body: () -> Void) -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while growing { pthread_cond_wait(changed, mutex) }
    growing = true
    defer {
      growing = false
      pthread_cond_broadcast(changed)
    }
    var deadline = timespec()
    clock_gettime(CLOCK_REALTIME, &deadline)
    let nanoseconds = Int(deadline.tv_nsec) + Int(timeoutSeconds * 1e9)
    deadline.tv_sec += nanoseconds / 1_000_000_000
    deadline.tv_nsec = nanoseconds % 1_000_000_000
    while openTransactions > 0 {
      if pthread_cond_timedwait(changed, mutex, &deadline) == ETIMEDOUT { return false }
    }
    body()
    return true
  }
}
