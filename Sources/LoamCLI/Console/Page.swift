/// What a command shows to a person: a title, tables and lines, and a hint of what to do next.
struct Page: Equatable {
  enum Part: Equatable {
    case title(String)
    case line(String)
    /// A file's own text, lines and all.
    case text(String)
    case table(Table)
    case histogram(Histogram)
    /// One line that teaches the next step; left out under `--quiet`.
    case hint(String)
  }
  private(set) var parts: [Part] = []

  init(_ parts: Part...) { self.parts = parts }

  mutating func add(_ part: Part) { parts.append(part) }
  mutating func facts(_ pairs: (String, String)...) { parts.append(.table(.facts(pairs))) }

  /// Titles stand apart by an empty line before them; so do hints.
  func text(_ style: Style, hints: Bool = true) -> String {
    var lines: [String] = []
    for part in parts {
      switch part {
      case .title(let text):
        if !lines.isEmpty { lines.append("") }
        lines.append(style.bold(text.printable))
      case .line(let text): lines.append("  " + text.printable)
      case .text(let text):
        lines += (text.hasSuffix("\n") ? text.dropLast() : text[...])
          .split(separator: "\n", omittingEmptySubsequences: false).map { String($0).printable }
      case .table(let table): lines += table.lines(style)
      case .histogram(let histogram): lines += histogram.lines(style)
      case .hint(let text):
        guard hints else { continue }
        if !lines.isEmpty { lines.append("") }
        lines.append(style.dim("→ " + text.printable))
      }
    }
    return lines.map { $0 + "\n" }.joined()
  }
}
