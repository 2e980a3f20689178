/// Where a command writes: answers to standard output, everything else to standard error.
struct Console: Sendable {
  var json = false
  var quiet = false
  private let output = Terminal.output
  private let error = Terminal.error

  func present(_ report: some Report) throws {
    if json {
      output.write(try report.json())
    } else if report.isAnswer || !quiet {
      output.write(report.page.text(output.style, hints: !quiet))
    }
  }

  /// One line to standard error about how the work goes.
  func note(_ text: String) {
    if !quiet { error.write(text.printable + "\n") }
  }

  func warn(_ text: String) { error.write(error.style.bold("warning:") + " \(text.printable)\n") }

  func progress(_ title: String, unit: String, total: Int? = nil) -> Progress {
    Progress(title: title, unit: unit, total: total, terminal: quiet ? nil : error)
  }

  func show(_ failure: Failure) {
    error.write(failure.text(error.style))
    if json { output.write((try? failure.json()) ?? "") }
  }
}
