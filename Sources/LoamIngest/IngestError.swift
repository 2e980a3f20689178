import LoamSchema
import LoamStore

/// Why an ingest ended. The message names the input and the place in it; a failure of the store keeps its own code.
public struct IngestError: LoamError {
  public enum Reason: String, Sendable, CaseIterable {
    /// The input cannot be opened: a wrong path, a directory, no right to read it.
    case unreadable
    /// The system failed to read an input that is open.
    case io
    /// Compressed data that ends too early, is damaged, or is followed by something else; or no text at all.
    case damagedInput = "damaged-input"
    /// The file changed since some of its records were stored.
    case changedInput = "changed-input"
    case missingHeader = "missing-header"
    case unknownColumn = "unknown-column"
    case duplicateColumn = "duplicate-column"
    case recordTooLong = "record-too-long"
    case badRows = "bad-rows"
    case hashCollision = "hash-collision"
    case badOption = "bad-option"
    /// The store refused or failed: `cause` says how.
    case store
  }
  public var reason: Reason
  public var message: String
  public var hint: String?
  public var cause: StoreError?
  /// The malformed rows found, at most `IngestLimits.reportedRows`. Only with `badRows`.
  public var rows: [BadRow] = []

  public init(_ reason: Reason, _ message: String, hint: String? = nil, rows: [BadRow] = []) {
    self.reason = reason
    self.message = message
    self.hint = hint
    self.rows = rows
  }

  public init(_ cause: StoreError) {
    self.reason = .store
    self.message = cause.message
    self.hint = cause.hint
    self.cause = cause
  }

  public var code: String { cause?.code ?? "ingest.\(reason.rawValue)" }
  public var category: ErrorCategory {
    if let cause { return cause.category }
    return reason == .io ? .failed : .refused
  }
}
