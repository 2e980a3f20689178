import LoamSchema

/// Why a model cannot be made as asked.
public struct ModelError: LoamError, Equatable {
  public enum Reason: String, Sendable, CaseIterable {
    case unknownModel = "unknown-model", unknownOption = "unknown-option", badOption = "bad-option"
    case badShape = "bad-shape"
  }
  public var reason: Reason
  public var message: String
  public var hint: String?

  public init(_ reason: Reason, _ message: String, hint: String? = nil) {
    self.reason = reason
    self.message = message
    self.hint = hint
  }

  public var code: String { "model.\(reason.rawValue)" }
  public var category: ErrorCategory { .refused }
}
