import LoamSchema

/// What an export or the reading of one refuses or fails at. Cut by what the caller does next.
public struct ExportError: LoamError, Equatable {
  public enum Reason: String, Sendable, CaseIterable {
    /// The output directory has content, or its place is no directory.
    case exists
    /// The directory that should hold the output, or the file to read, is not there.
    case missing
    case unknownModel = "unknown-model"
    case unknownTable = "unknown-table"
    /// A row or a dense tensor holds NaN or an infinity.
    case nonfinite
    /// A file from outside that breaks its format.
    case malformed
    case notAnExport = "not-an-export"
    case newerFormat = "newer-format"
    /// What is asked for cannot be made of this model.
    case unsupported
    /// The golden requests got other scores than those that the model gave.
    case doesNotReplay = "does-not-replay"
    /// A file of an export is not what its manifest says.
    case damaged
    case diskFull = "disk-full"
    case io

    public var category: ErrorCategory {
      switch self {
      case .damaged: .damaged
      case .doesNotReplay: .failed
      case .diskFull: .noSpace
      case .io: .failed
      default: .refused
      }
    }

    /// What to do where the place of the error knows nothing better.
    var advice: String? {
      switch self {
      case .damaged: "Get the export again, or export the version anew."
      case .malformed: "Get the file again; where it is what it should be, report it."
      case .notAnExport: "Give the directory that 'loam export' made."
      case .exists: "Choose another place; an export replaces nothing."
      case .missing: "Check the path."
      default: nil
      }
    }
  }
  public var code: String
  public var category: ErrorCategory
  public var message: String
  public var hint: String?

  public init(_ reason: Reason, _ message: String, hint: String? = nil) {
    self.code = "export.\(reason.rawValue)"
    self.category = reason.category
    self.message = message
    self.hint = hint ?? reason.advice
  }

  /// An error of the store or of a query keeps its code: what the caller does next is the same.
  public init(_ cause: some LoamError, while doing: String) {
    code = cause.code
    category = cause.category
    message = "\(doing): \(cause.message)"
    hint = cause.hint
  }

  public func has(_ reason: Reason) -> Bool { code == "export.\(reason.rawValue)" }
}

extension String {
  /// Text from outside as it may appear in a message: quoted, controls escaped, cut at 80 characters.
  var quoted: String {
    let cut = prefix(80)
    return String(cut).debugDescription + (cut.endIndex == endIndex ? "" : "…")
  }
}
