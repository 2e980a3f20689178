import Foundation

enum Clock {
  /// Time that this thread had a core for: other work on the machine does not count. On a quiet machine the same as
  /// the wall's.
  static func cpuSeconds() -> Double { seconds(CLOCK_THREAD_CPUTIME_ID) }
  /// The same of all threads of this process together.
  static func processSeconds() -> Double { seconds(CLOCK_PROCESS_CPUTIME_ID) }
  static func wallSeconds() -> Double { seconds(CLOCK_MONOTONIC) }

  @inline(__always)
  private static func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
