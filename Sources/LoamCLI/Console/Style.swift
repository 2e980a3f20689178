/// What the reader's terminal can show.
struct Style: Sendable, Equatable {
  /// Bold, dim and red; off where the output is no terminal or NO_COLOR is set.
  var colours: Bool
  /// Columns of the terminal.
  var width: Int

  static let plain = Style(colours: false, width: 100)

  func bold(_ text: String) -> String { wrap(text, "1") }
  func dim(_ text: String) -> String { wrap(text, "2") }
  func red(_ text: String) -> String { wrap(text, "1;31") }
  func green(_ text: String) -> String { wrap(text, "32") }

  private func wrap(_ text: String, _ code: String) -> String {
    colours && !text.isEmpty ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
  }
}
