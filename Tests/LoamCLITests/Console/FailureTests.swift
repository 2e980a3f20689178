import Foundation
import LoamGenerate
import LoamSchema
import Testing

@testable import LoamCLI

@Suite struct FailureTests {
  @Test func messageCodeAndHintAreShown() {
    let failure = Failure(CommandError(.badID, "'x' is not a number", hint: "Use digits."))
    #expect(failure.text(.plain) == "error: 'x' is not a number [command.bad-id]\n  Use digits.\n")
    #expect(failure.exitCode == 2)
  }

  @Test(arguments: [
    (ErrorCategory.failed, Int32(1)), (.refused, 2), (.damaged, 3), (.busy, 4), (.noSpace, 5),
  ])
  func categoryDecidesTheExitCode(category: ErrorCategory, code: Int32) {
    struct Sample: LoamError {
      var code: String { "sample.reason" }
      var category: ErrorCategory
      var message: String { "" }
      var hint: String? { nil }
    }
    #expect(Failure(Sample(category: category)).exitCode == code)
  }

  @Test func errorOfNoLibraryOfOursFails() {
    #expect(Failure(CocoaError(.fileNoSuchFile)).exitCode == 1)
  }

  @Test func jsonHoldsTheSameAsTheText() throws {
    let json = try Failure(GenerateError(.io, "cannot write")).json()
    #expect(
      json == """
        {
          "error" : {
            "category" : "failed",
            "code" : "generate.io",
            "exit_code" : 1,
            "message" : "cannot write"
          }
        }

        """)
  }
}
