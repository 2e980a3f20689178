import ArgumentParser
import Foundation
import LoamSchema

/// An error as the command line shows it, and the exit code that goes with it.
struct Failure: Encodable {
  var code: String
  var category: String
  var message: String
  var hint: String?
  var exitCode: Int32

  init(_ error: any Error) {
    if let error = error as? any LoamError {
      (code, message, hint) = (error.code, error.message, error.hint)
      category = "\(error.category)".snakeCased
      exitCode = error.category.rawValue
    } else {
      code = "command.failed"
      message = (error as NSError).localizedDescription
      category = "failed"
      exitCode = ErrorCategory.failed.rawValue
    }
  }

  /// Arguments that cannot be understood.
  init(usage message: String, hint: String?) {
    code = "command.usage"
    category = "refused"
    self.message = message
    self.hint = hint
    exitCode = ErrorCategory.refused.rawValue
  }

  func text(_ style: Style) -> String {
    var text = style.red("error:") + " " + message.printableLines + style.dim(" [\(code)]") + "\n"
    if let hint { text += "  " + hint.printableLines.replacing("\n", with: "\n  ") + "\n" }
    return text
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(["error": self]), as: UTF8.self) + "\n"
  }
}

/// What the command line itself refuses.
struct CommandError: LoamError {
  enum Reason: String, CaseIterable {
    case badID = "bad-id"
    case badTime = "bad-time"
    case unknownTable = "unknown-table"
    case unknownID = "unknown-id"
    case unknownFile = "unknown-file"
    case unknownFormat = "unknown-format"
    case noSchema = "no-schema"
    case schemaConflict = "schema-conflict"
    case notConfirmed = "not-confirmed"
  }
  var reason: Reason
  var message: String
  var hint: String?

  init(_ reason: Reason, _ message: String, hint: String? = nil) {
    self.reason = reason
    self.message = message
    self.hint = hint
  }

  var code: String { "command.\(reason.rawValue)" }
  var category: ErrorCategory { .refused }
}

extension String {
  fileprivate var snakeCased: String { reduce(into: "") { $0 += $1.isUppercase ? "_\($1.lowercased())" : "\($1)" } }

  /// As `printable`, but line ends stay.
  var printableLines: String {
    split(separator: "\n", omittingEmptySubsequences: false).map { String($0).printable }.joined(separator: "\n")
  }
}
