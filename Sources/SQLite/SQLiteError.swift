/// A failed call of SQLite: its result code and its message.
public struct SQLiteError: Error, Equatable, Sendable, CustomStringConvertible {
  public var code: Int32
  public var message: String

  public init(_ code: Int32, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { "\(message) (SQLite \(code))" }
}
