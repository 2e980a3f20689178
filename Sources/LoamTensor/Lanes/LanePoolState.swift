import Foundation
import LoamKernels
import Synchronization

/// What the threads of a pool share.
///
/// `@unchecked Sendable`: everything that changes is touched under `mutex` alone. A job's body is called without it, by
/// several threads; the caller of `run` answers for that.
final class LanePoolState: BatchReduction, @unchecked Sendable {
  let threads: Int
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  /// Helpers wait here for items, lanes for the others or for a place to run, the caller for the end.
  private let work = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let resume = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let done = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  private var body: ((Int) -> Void)?
  private var (count, next) = (0, 0)
  /// Items done. Like `called` written under `mutex` alone, and read without it by a thread that waits awake.
  private let finished = Atomic(0)
  /// Threads that run an item and do not wait in a reduction; at most `threads`.
  private var running = 0
  /// Helpers that wait for items.
  private var idle = 0
  /// How many of them have been called and did not come yet.
  private let called = Atomic(0)
  private let stopping = Atomic(false)

  /// The numbers of each lane that has arrived at the reduction.
  private var parts: [UnsafeMutableBufferPointer<Float>?] = []
  private var (arrived, round) = (0, 0)

  init(threads: Int) {
    self.threads = threads
    pthread_mutex_init(mutex, nil)
    for condition in [work, resume, done] { pthread_cond_init(condition, nil) }
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
    for condition in [work, resume, done] {
      pthread_cond_destroy(condition)
      condition.deallocate()
    }
  }

  private func locked(_ body: () -> Void) {
    pthread_mutex_lock(mutex)
    body()
    pthread_mutex_unlock(mutex)
  }

  /// Ends the helpers, which wait for items.
  func stop() {
    locked {
      stopping.store(true, ordering: .relaxed)
      pthread_cond_broadcast(work)
    }
  }

  func run(_ count: Int, _ body: @escaping (Int) -> Void) {
    locked {
      precondition(self.body == nil, "a pool works on one job at a time, and not from within an item")
      self.body = body
      (self.count, next) = (count, 0)
      finished.store(0, ordering: .relaxed)
      if parts.count < count { parts = Array(repeating: nil, count: count) }
      (arrived, round) = (0, 0)
      running = 1
      for helper in 1..<max(threads, 1) where helper < count { callHelper() }
      workThrough()
      leave()
      wait(done) { finished.load(ordering: .relaxed) == count }
      (self.body, self.count, next) = (nil, 0, 0)
    }
  }

  /// Runs items until none is left.
  private func workThrough() {
    while next < count, let body {
      let item = next
      next += 1
      pthread_mutex_unlock(mutex)
      body(item)
      pthread_mutex_lock(mutex)
      if finished.add(1, ordering: .relaxed).newValue == count { pthread_cond_signal(done) }
    }
  }

  /// Gives this thread's place to a lane that wants to go on, or to an item.
  private func leave() {
    running -= 1
    pthread_cond_broadcast(resume)
    if next < count { callHelper() }
  }

  private func callHelper() {
    if idle > called.load(ordering: .relaxed) {
      called.add(1, ordering: .relaxed)
      return _ = pthread_cond_signal(work)
    }
    let thread = Thread { [self] in help() }
    thread.name = "loam-lane"
    thread.stackSize = Self.stackBytes
    thread.start()
  }

  private static let stackBytes = 8 << 20

  private func help() {
    locked {
      while true {
        if next < count, running < threads {
          running += 1
          workThrough()
          leave()
        }
        idle += 1
        wait(work) { called.load(ordering: .relaxed) > 0 || stopping.load(ordering: .relaxed) }
        if stopping.load(ordering: .relaxed) { return }
        idle -= 1
        called.subtract(1, ordering: .relaxed)
      }
    }
  }

  /// Waits under `mutex` for what is written under it: awake for a moment, as the jobs of a step follow each other sooner
  /// than a thread that sleeps wakes up, and then asleep.
  private func wait(_ condition: UnsafeMutablePointer<pthread_cond_t>, until holds: () -> Bool) {
    if holds() { return }
    pthread_mutex_unlock(mutex)
    let end = ContinuousClock.now + Self.awake
    while !holds(), ContinuousClock.now < end {}
    pthread_mutex_lock(mutex)
    while !holds() { pthread_cond_wait(condition, mutex) }
  }

  private static let awake = Duration.microseconds(200)

  /// The last lane to arrive adds the numbers up, in the order of the lanes, while the others wait.
  func sum(_ numbers: UnsafeMutableBufferPointer<Float>, lane: Int) {
    locked {
      parts[lane] = numbers
      arrived += 1
      if arrived == count {
        addParts()
        arrived = 0
        round += 1
        return _ = pthread_cond_broadcast(resume)
      }
      let mine = round
      leave()
      while round == mine || running >= threads { pthread_cond_wait(resume, mutex) }
      running += 1
    }
  }

  private func addParts() {
    guard let total = parts[0], let start = total.baseAddress else { return }
    for lane in 1..<max(count, 1) {
      precondition(parts[lane]!.count == total.count, "lanes met with different numbers of numbers")
      loam_f32_scale(start, parts[lane]!.baseAddress, 1, total.count, true)
    }
    for lane in 1..<max(count, 1) { parts[lane]!.baseAddress!.update(from: start, count: total.count) }
  }
}
