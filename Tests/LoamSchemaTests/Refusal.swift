import LoamSchema
import Testing

/// The error that a schema text is refused with.
func refusal(of yaml: String, sourceLocation: SourceLocation = #_sourceLocation) -> SchemaError? {
  do throws(SchemaError) {
    let schema = try Schema.parse(yaml: yaml, file: "s.yaml")
    Issue.record("not refused: \(schema)", sourceLocation: sourceLocation)
    return nil
  } catch {
    return error
  }
}

/// A schema text that is fine, with lines of its own at the end, which start on line 4.
func schemaText(_ lines: String, format: String = "csv") -> String {
  "schema: 1\nname: test\nformat: \(format)\n\(lines)\n"
}

/// One wrong text: what stands on which line and column, and what the message and hint say.
struct RefusedCase: Sendable, CustomTestStringConvertible {
  var claim: String
  var yaml: String
  var reason: SchemaError.Reason
  var line: Int
  var column: Int
  var says: [String]

  init(
    _ claim: String, _ yaml: String, _ reason: SchemaError.Reason, line: Int, column: Int, says: String...
  ) {
    self.claim = claim
    self.yaml = yaml
    self.reason = reason
    self.line = line
    self.column = column
    self.says = says
  }
  var testDescription: String { claim }

  func check() {
    guard let error = refusal(of: yaml) else { return }
    #expect(error.reason == reason)
    #expect(error.category == .refused)
    #expect(error.message.hasPrefix("s.yaml:\(line):\(column): "), "\(error)")
    for text in says { #expect(error.description.contains(text), "\(error)") }
  }
}
