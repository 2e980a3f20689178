import Foundation

/// The outcome of a command: one JSON document for programs, one page for people.
///
/// Properties are written as snake_case keys; docs/commands.md lists them, and they are only ever added to.
protocol Report: Encodable {
  var page: Page { get }
  /// A report of work done (`init`, `train`) says nothing under `--quiet`; an answer (`lookup`) is still printed.
  var isAnswer: Bool { get }
}

extension Report {
  var isAnswer: Bool { true }

  /// Keys are sorted, so that two outputs can be compared as text.
  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
  }
}
