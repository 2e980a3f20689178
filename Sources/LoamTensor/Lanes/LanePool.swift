import Foundation

/// Threads that work through the lanes of a batch, or through any numbered items, a limited number of them at a time.
///
/// ```
/// threads: 2      lane 0 ──┐ waits        ┌── lane 0 ──▶
///                 lane 1 ──┴─▶ lane 2 ──┐ │
///                              lane 3 ──┴─┴── lane 1 ──▶ ...
///                                       the sum of all four
/// ```
///
/// A lane that waits in a `BatchReduction` keeps its stack, on a thread of its own, and gives its place to another lane
/// or item; after the sum at most `threads` lanes go on at a time. So lanes may wait for each other however few threads
/// may run, and none waits for a lane that cannot begin. Without a reduction no more than `threads` threads are made,
/// the caller among them. What an item computes must not depend on which thread runs it, nor on when.
///
/// One job at a time: `forEach` and `lanes` return when all items are done.
public final class LanePool: Sendable {
  private let state: LanePoolState

  /// - Parameter threads: how many run at once; 0: as many as the machine has cores.
  public init(threads: Int = 0) {
    precondition(threads >= 0, "a pool of \(threads) threads")
    state = LanePoolState(threads: threads == 0 ? ProcessInfo.processInfo.activeProcessorCount : threads)
  }

  deinit { state.stop() }

  public var threads: Int { state.threads }

  /// Calls `body` with `0 ..< count`, each once, in any order.
  ///
  /// - Throws: what the item of the smallest index threw, after all items are done.
  public func forEach<E: Error>(_ count: Int, _ body: (Int) throws(E) -> Void) throws(E) {
    if threads == 1 || count == 1 {
      for index in 0..<count { try body(index) }
      return
    }
    let failures = Failures<E>()
    run(count) { index in
      do throws(E) { try body(index) } catch { failures.note(error, index) }
    }
    if let error = failures.first { throw error }
  }

  /// Calls `body` with `0 ..< count` and the reduction in which the calls meet.
  public func lanes(_ count: Int, _ body: (Int, any BatchReduction) -> Void) {
    run(count) { body($0, state) }
  }

  private func run(_ count: Int, _ body: (Int) -> Void) {
    guard count > 0 else { return }
    // `run` returns when no call of `body` is under way, so it does not escape.
    withoutActuallyEscaping(body) { state.run(count, $0) }
  }
}

/// The error of the smallest index, whatever the order of time.
private final class Failures<E: Error> {
  private let lock = NSLock()
  private var found: (error: E, index: Int)?

  func note(_ error: E, _ index: Int) {
    lock.lock()
    if found.map({ index < $0.index }) ?? true { found = (error, index) }
    lock.unlock()
  }

  var first: E? { found?.error }
}
