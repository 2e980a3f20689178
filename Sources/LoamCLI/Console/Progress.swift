import Synchronization

/// How far a long job is: one line redrawn on a terminal, one line a batch elsewhere.
final class Progress: Sendable {
  private static let redrawSeconds = 0.1
  private let title: String
  private let unit: String
  private let terminal: Terminal?
  private let start = ContinuousClock.now
  private struct State {
    var total: Int?
    var lastDrawn: ContinuousClock.Instant?
    var isDrawn = false
    var begun = 0
  }
  private let state: Mutex<State>

  /// Silent where `terminal` is nil.
  init(title: String, unit: String, total: Int?, terminal: Terminal?) {
    self.title = title
    self.unit = unit
    self.terminal = terminal
    state = Mutex(State(total: total))
  }

  var secondsElapsed: Double { (ContinuousClock.now - start).seconds }

  /// Any thread. Redraws at most ten times a second; writes nothing where there is no terminal.
  func update(_ done: Int, total: Int? = nil, note: String = "") {
    guard let terminal, terminal.isTerminal else { return }
    let text: String? = state.withLock { state in
      if let total { state.total = total }
      let now = ContinuousClock.now
      if let last = state.lastDrawn, (now - last).seconds < Self.redrawSeconds { return nil }
      state.lastDrawn = now
      state.isDrawn = true
      return ProgressLine(
        title: title, unit: unit, done: done, total: state.total, seconds: (now - start).seconds, note: note
      ).text(terminal.style)
    }
    if let text { terminal.write("\r\u{1b}[K" + text) }
  }

  /// One thing more has begun: those before it are done.
  func next(_ name: String) {
    let done = state.withLock { state in
      defer { state.begun += 1 }
      return state.begun
    }
    update(done, note: name)
  }

  /// A line for each batch where no bar is drawn.
  func batch(_ text: String) {
    if let terminal, !terminal.isTerminal { terminal.write("\(title): \(text.printable)\n") }
  }

  /// A line that stays, terminal or not: an epoch that ended.
  func milestone(_ text: String) {
    clear()
    terminal?.write(text.printable + "\n")
  }

  /// Takes the drawn line away.
  func clear() {
    let wasDrawn = state.withLock { state in
      defer { state.isDrawn = false }
      return state.isDrawn
    }
    if wasDrawn { terminal?.write("\r\u{1b}[K") }
  }
}

/// One picture of a job under way.
struct ProgressLine {
  var title: String
  var unit: String
  var done: Int
  var total: Int?
  var seconds: Double
  var note = ""

  func text(_ style: Style) -> String {
    let rate = seconds > 0 ? Double(done) / seconds : 0
    var parts = [title]
    if let total, total > 0 {
      let share = min(1, Double(done) / Double(total))
      let bar = Histogram.bar(share: share, width: 24)
      parts.append(
        "▕" + bar + String(repeating: " ", count: 24 - bar.count) + "▏" + Quantity.percent(share, 0).padded(5))
    }
    parts.append("\(Quantity.count(done)) \(unit)")
    if seconds >= 0.5 { parts.append(Quantity.rate(rate, unit)) }
    if let total, rate > 0, done < total, seconds >= 2 {
      parts.append(Quantity.seconds(Double(total - done) / rate) + " left")
    }
    if !note.isEmpty { parts.append(note) }
    return String(parts.joined(separator: "  ").prefix(max(20, style.width - 1)))
  }
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
