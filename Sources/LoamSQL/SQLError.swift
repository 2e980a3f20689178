import LoamQuery
import LoamSchema
import LoamStore

/// What questions in SQL refuse or fail at.
public enum SQLError: LoamError {
  public enum Reason: String, Sendable, CaseIterable {
    case unknownTable = "unknown-table", unknownColumn = "unknown-column", unknownFunction = "unknown-function"
    /// SQLite does not understand the statement, or refuses it.
    case badQuery = "bad-query"
    /// A table or a function got values that it cannot use.
    case badArgument = "bad-argument"
  }
  case sql(Reason, String, hint: String? = nil)
  /// The store's or a model's own refusal or failure.
  case query(QueryError)

  public var code: String {
    switch self {
    case .sql(let reason, _, _): "sql.\(reason.rawValue)"
    case .query(let error): error.code
    }
  }
  public var category: ErrorCategory {
    switch self {
    case .sql: .refused
    case .query(let error): error.category
    }
  }
  public var message: String {
    switch self {
    case .sql(_, let message, _): message
    case .query(let error): error.message
    }
  }
  public var hint: String? {
    switch self {
    case .sql(_, _, let hint): hint
    case .query(let error): error.hint
    }
  }

  /// Runs a call into the store; its errors pass with their own codes.
  @inline(__always)
  static func passing<T>(_ body: () throws(StoreError) -> T) throws(SQLError) -> T {
    do throws(StoreError) { return try body() } catch { throw .query(.store(error)) }
  }

  @inline(__always)
  static func passing<T>(_ body: () throws(QueryError) -> T) throws(SQLError) -> T {
    do throws(QueryError) { return try body() } catch { throw .query(error) }
  }
}
