import Foundation

/// Standard output or standard error, and whether a person looks at it.
struct Terminal: Sendable {
  private let descriptor: Int32
  let isTerminal: Bool
  let style: Style

  static let output = Terminal(descriptor: 1)
  static let error = Terminal(descriptor: 2)

  private init(descriptor: Int32, environment: [String: String] = ProcessInfo.processInfo.environment) {
    self.descriptor = descriptor
    let isTerminal = isatty(descriptor) == 1
    self.isTerminal = isTerminal
    // https://no-color.org: any value but the empty one.
    let refused = !(environment["NO_COLOR"] ?? "").isEmpty || environment["TERM"] == "dumb"
    style = Style(colours: isTerminal && !refused, width: isTerminal ? Self.width(descriptor) : Style.plain.width)
  }

  func write(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress!, $0.count) }
      // A closed pipe or a full disk: nobody is left to tell.
      guard written > 0 else { return }
      rest = rest.dropFirst(written)
    }
  }

  private static func width(_ descriptor: Int32) -> Int {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 40 else { return Style.plain.width }
    return Int(size.ws_col)
  }
}
