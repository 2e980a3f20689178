import Foundation
import Synchronization

/// Memory of the process that no file stands behind, watched from a thread of its own.
enum AnonymousMemory {
  private static let intervalMicroseconds: UInt32 = 2_000

  static var bytes: Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
    return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) << 10
  }

  /// What `body` takes at its highest, beyond what there was before it.
  static func most(_ body: () throws -> Void) rethrows -> Int {
    let before = bytes
    let most = Mutex(before)
    let isOver = Mutex(false)
    let ended = DispatchSemaphore(value: 0)
    let watch = Thread {
      while !isOver.withLock({ $0 }) {
        most.withLock { $0 = max($0, bytes) }
        usleep(intervalMicroseconds)
      }
      ended.signal()
    }
    watch.start()
    defer {
      isOver.withLock { $0 = true }
      ended.wait()
    }
    try body()
    return most.withLock { $0 } - before
  }
}
