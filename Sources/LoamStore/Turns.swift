import Dispatch
import Synchronization

/// Turns at the processor, for more threads than it has cores, of which some wait for the disk now and then.
///
/// ```
///   put    take(first) ── fill ── give ── wait for the disk ── take(first) ── fill ...
///   hash   take ── hash ── letOthersPass ── hash ── give
/// ```
///
/// Who brings the disk its work goes before who does not need it. A turn is handed over: nobody takes it on the way.
final class Turns: Sendable {
  private struct State {
    var free: Int
    var first = 0
    var others = 0
  }
  private let state: Mutex<State>
  private let first = DispatchSemaphore(value: 0)
  private let others = DispatchSemaphore(value: 0)

  init(_ count: Int) { state = Mutex(State(free: count)) }

  func take(first isFirst: Bool = false) {
    let isFree = state.withLock { state in
      if state.free > 0 {
        state.free -= 1
        return true
      }
      if isFirst { state.first += 1 } else { state.others += 1 }
      return false
    }
    if !isFree { (isFirst ? first : others).wait() }
  }

  func give() {
    let next: DispatchSemaphore? = state.withLock { state in
      if state.first > 0 {
        state.first -= 1
        return first
      }
      if state.others > 0 {
        state.others -= 1
        return others
      }
      state.free += 1
      return nil
    }
    next?.signal()
  }

  /// For who has a turn and is not among the first: gives it to one of them, if any waits, and takes another.
  func letOthersPass() {
    guard state.withLock({ $0.first > 0 }) else { return }
    give()
    take()
  }
}
