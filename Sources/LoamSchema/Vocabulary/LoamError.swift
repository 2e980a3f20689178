/// What the caller of a failed operation does next. The raw value is the exit code of the command line.
public enum ErrorCategory: Int32, Sendable, Codable {
  /// The work failed for a reason of the system (I/O, a broken connection): read the message.
  case failed = 1
  /// The input or the request is wrong: correct it. Nothing was stored.
  case refused = 2
  /// Stored bytes are damaged or missing: restore from a backup.
  case damaged = 3
  /// Somebody else holds what is needed: try again.
  case busy = 4
  /// The disk or the map is full: free space.
  case noSpace = 5
}

/// An error of any Loam library: a stable code, where it happened, and what to do next.
///
/// `code` is `room.reason` in lower case (`schema.unknown-key`); `docs/troubleshooting.md` lists every one.
public protocol LoamError: Error, CustomStringConvertible, Sendable {
  var code: String { get }
  var category: ErrorCategory { get }
  /// Expected and found, with table, path, line, column or ID.
  var message: String { get }
  /// What to do next, when the message alone does not say it.
  var hint: String? { get }
}

extension LoamError {
  public var description: String {
    hint.map { "\(message) [\(code)]\n  \($0)" } ?? "\(message) [\(code)]"
  }
}
