/// What libzstd refused, in its own words, or a size that is not the expected one.
public struct ZstdError: Error, Equatable, CustomStringConvertible {
  public var message: String

  public init(_ message: String) { self.message = message }

  public var description: String { message }
}
