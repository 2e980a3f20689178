import LoamModels
import LoamQuery
import LoamSchema
import LoamStore

/// What training, evaluation or prediction refuses or fails at.
public enum TrainingError: LoamError {
  public enum Reason: String, Sendable, CaseIterable {
    /// The store has a model of this name, trained with another config.
    case modelExists = "model-exists"
    case unknownModel = "unknown-model"
    /// The logs a run began with are not to be had any more.
    case logsChanged = "logs-changed"
    /// No row has a label, or labels are not what the model predicts.
    case noLabels = "no-labels"
    case diverged
    case badConfig = "bad-config"
  }
  case training(Reason, String, hint: String? = nil)
  case query(QueryError)
  case store(StoreError)
  case schema(SchemaError)
  case model(ModelError)

  private var inner: (any LoamError)? {
    switch self {
    case .training: nil
    case .query(let error): error
    case .store(let error): error
    case .schema(let error): error
    case .model(let error): error
    }
  }
  public var code: String {
    if case .training(let reason, _, _) = self { "training.\(reason.rawValue)" } else { inner!.code }
  }
  public var category: ErrorCategory {
    if case .training(let reason, _, _) = self { reason == .diverged ? .failed : .refused } else { inner!.category }
  }
  public var message: String { if case .training(_, let message, _) = self { message } else { inner!.message } }
  public var hint: String? { if case .training(_, _, let hint) = self { hint } else { inner!.hint } }

  /// Runs a call of another target; its errors pass with their own codes.
  @inline(__always)
  static func store<T>(_ body: () throws(StoreError) -> T) throws(TrainingError) -> T {
    do throws(StoreError) { return try body() } catch { throw .store(error) }
  }
  @inline(__always)
  static func query<T>(_ body: () throws(QueryError) -> T) throws(TrainingError) -> T {
    do throws(QueryError) { return try body() } catch { throw .query(error) }
  }
}
