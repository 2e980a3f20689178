import LoamSchema

/// What a generator refuses or fails at.
public struct GenerateError: LoamError, Equatable {
  public enum Reason: String, Sendable, CaseIterable {
    case badRows = "bad-rows"
    case io
  }
  public var reason: Reason
  public var message: String
  public var hint: String?

  public init(_ reason: Reason, _ message: String, hint: String? = nil) {
    self.reason = reason
    self.message = message
    self.hint = hint
  }

  public var code: String { "generate.\(reason.rawValue)" }
  public var category: ErrorCategory { reason == .io ? .failed : .refused }
}
