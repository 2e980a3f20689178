import LoamSchema

/// What an import refuses or fails at. Whatever it is, nothing of the file is stored.
public struct ImportError: LoamError, Equatable {
  public enum Reason: String, Sendable, CaseIterable {
    /// The file is not there, or is no regular file.
    case missing
    /// What the file is was neither said nor seen.
    case unknownFormat = "unknown-format"
    /// A file that breaks its format.
    case malformed
    /// A file in order that holds what is not read: other element types, other orders of bytes or axes.
    case unsupported
    /// The file has several tensors, or none of the name that was asked for.
    case unknownTensor = "unknown-tensor"
    /// Nothing says which ID a row belongs to.
    case noIDs = "no-ids"
    case badID = "bad-id"
    case duplicateID = "duplicate-id"
    /// A vector holds NaN or an infinity, or a number that the element type cannot hold.
    case nonfinite
    /// Dimensions, shapes or numbers of rows that differ from what they must be.
    case mismatch
    case badTable = "bad-table"
    case tableExists = "table-exists"
    case unknownModel = "unknown-model"
    /// The file was written to between the check and the reading.
    case changed
    case io
  }
  public var code: String
  public var category: ErrorCategory
  public var message: String
  public var hint: String?

  public init(_ reason: Reason, _ message: String, hint: String? = nil) {
    self.code = "import.\(reason.rawValue)"
    category = reason == .io ? .failed : .refused
    self.message = message
    self.hint = hint
  }

  /// An error of another library keeps its code: what the caller does next is the same.
  public init(_ cause: some LoamError, while doing: String? = nil) {
    code = cause.code
    category = cause.category
    message = doing.map { "\($0): \(cause.message)" } ?? cause.message
    hint = cause.hint
  }

  public func has(_ reason: Reason) -> Bool { code == "import.\(reason.rawValue)" }

  /// Runs a call into another library.
  static func passing<Value, Failure: LoamError>(
    _ body: () throws(Failure) -> Value
  ) throws(ImportError) -> Value {
    do throws(Failure) { return try body() } catch { throw ImportError(error) }
  }
}

extension String {
  /// Text from outside as it may appear in a message: quoted, controls escaped, cut at 80 characters.
  var quoted: String {
    let cut = prefix(80)
    return String(cut).debugDescription + (cut.endIndex == endIndex ? "" : "…")
  }
}
