import LoamSchema

/// One thing that the doctor found: what it is, and what to do.
public struct Finding: Sendable, Codable, Equatable {
  public enum Severity: String, Sendable, Codable {
    /// Nothing to do.
    case note
    /// The store works; something should be done about it.
    case warning
    /// The store, or a part of it, cannot be used as it is.
    case error
  }

  /// docs/care.md explains each.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    case staleReaders = "stale-readers", oldReader = "old-reader", agedReader = "aged-reader", readersNearlyFull =
      "readers-nearly-full"
    case mapNearlyFull = "map-nearly-full", diskNearlyFull = "disk-nearly-full"
    case deadWriter = "dead-writer", deadOwnerFiles = "dead-owner-files"
    case lease, stoppedWriter = "stopped-writer"
    case garbage, leftoverFiles = "leftover-files", unknownFiles = "unknown-files"
    case missingShard = "missing-shard", extraShard = "extra-shard", laggingShard = "lagging-shard"
    case badPages = "bad-pages", badChecksum = "bad-checksum", badContent = "bad-content", cannotOpen = "cannot-open"
  }

  public var kind: Kind
  public var severity: Severity
  public var message: String
  /// What to do next; `nil`: nothing.
  public var action: String?
  /// What the finding asks of the caller, in the words of errors; `nil`: nothing.
  public var category: ErrorCategory?

  static func note(_ kind: Kind, _ message: String) -> Finding {
    Finding(kind: kind, severity: .note, message: message, action: nil, category: nil)
  }

  static func warning(_ kind: Kind, _ message: String, _ action: String, _ category: ErrorCategory? = nil) -> Finding {
    Finding(kind: kind, severity: .warning, message: message, action: action, category: category)
  }

  static func damage(_ kind: Kind, _ message: String, _ action: String? = nil) -> Finding {
    Finding(
      kind: kind, severity: .error, message: message,
      action: action ?? "Restore the store from a backup, or revert to a version that 'loam verify --at' finds sound.",
      category: .damaged)
  }

  /// What keeps the store from being opened.
  init(cannotOpen error: StoreError) {
    self.init(
      kind: .cannotOpen, severity: .error, message: "\(error.message) [\(error.code)]", action: error.hint,
      category: error.category)
  }

  init(kind: Kind, severity: Severity, message: String, action: String?, category: ErrorCategory?) {
    self.kind = kind
    self.severity = severity
    self.message = message
    self.action = action
    self.category = category
  }
}
