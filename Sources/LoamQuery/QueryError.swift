import LoamSchema
import LoamStore

/// What reading a model or its features refuses or fails at.
public enum QueryError: LoamError {
  public enum Reason: String, Sendable, CaseIterable {
    case unknownModel = "unknown-model", unknownLog = "unknown-log", unknownTable = "unknown-table"
    /// A log lacks a column that the model reads.
    case missingColumn = "missing-column"
    /// Two sequences of one row that describe the same events have different lengths.
    case unequalSequences = "unequal-sequences"
    /// The model's blobs do not fit its definition, or cannot be read.
    case badModel = "bad-model"
    case unknownID = "unknown-id"
    /// A view asks for what the version's tables do not have.
    case badView = "bad-view"
  }
  case query(Reason, String, hint: String? = nil)
  /// The store's own refusal or failure.
  case store(StoreError)

  public var code: String {
    switch self {
    case .query(let reason, _, _): "query.\(reason.rawValue)"
    case .store(let error): error.code
    }
  }
  public var category: ErrorCategory {
    switch self {
    case .query(let reason, _, _): reason == .badModel ? .damaged : .refused
    case .store(let error): error.category
    }
  }
  public var message: String {
    switch self {
    case .query(_, let message, _): message
    case .store(let error): error.message
    }
  }
  public var hint: String? {
    switch self {
    case .query(_, _, let hint): hint
    case .store(let error): error.hint
    }
  }

  /// Runs a call into the store; its errors pass with their own codes.
  @inline(__always)
  public static func passing<T>(_ body: () throws(StoreError) -> T) throws(QueryError) -> T {
    do throws(StoreError) { return try body() } catch { throw .store(error) }
  }
}
