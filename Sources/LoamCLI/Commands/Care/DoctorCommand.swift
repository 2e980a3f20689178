import ArgumentParser
import LoamSchema
import LoamStore

struct DoctorCommand: LoamCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Find what is wrong with a store, or soon will be, and say what to do.",
    discussion: """
      Removes what dead writers left, which is safe beside living ones. Ends with the code of the worst finding: 3 \
      damaged, 5 disk or map nearly full, 4 somebody holds what others need, 2 cannot be used here, 0 otherwise.
      """)

  @OptionGroup var path: StoreArgument
  @Flag(help: "Compare every block and root of every kept version, not a sample of the latest one's blocks.")
  var full = false
  @Flag(help: "Look, and change nothing.")
  var dryRun = false
  @OptionGroup var output: OutputOptions

  mutating func run() throws {
    let console = Console(json: output.json, quiet: output.quiet)
    let diagnosed = try answer(console)
    try console.present(diagnosed)
    if diagnosed.exitCode != 0 { throw ExitCode(diagnosed.exitCode) }
  }

  func answer(_ console: Console) throws -> Diagnosed {
    let options = DoctorOptions(full: full, lookOnly: dryRun)
    return Diagnosed(store: path.store, try Doctor.examine(path.store, options))
  }
}

struct Diagnosed: Report {
  struct Entry: Encodable {
    var kind: String
    /// `note`, `warning` or `error`.
    var severity: String
    var message: String
    var action: String?
  }
  var store: String
  var healthy: Bool
  var exitCode: Int32
  var findings: [Entry]
  var blocks: Int
  var blocksChecked: Int

  init(store: String, _ diagnosis: Diagnosis) {
    self.store = store
    healthy = diagnosis.isHealthy
    exitCode = diagnosis.category?.rawValue ?? 0
    findings = diagnosis.findings.map {
      Entry(kind: $0.kind.rawValue, severity: $0.severity.rawValue, message: $0.message, action: $0.action)
    }
    blocks = diagnosis.blocks
    blocksChecked = diagnosis.blocksChecked
  }

  var page: Page {
    let found = findings.count { $0.severity != Finding.Severity.note.rawValue }
    var page = Page(.title(healthy ? "\(store) is healthy" : "\(store): \(Quantity.count(found, "finding"))"))
    page.add(.line("\(Quantity.count(blocksChecked)) of \(Quantity.count(blocks, "block")) checked"))
    for severity in [Finding.Severity.error, .warning, .note] {
      for finding in findings where finding.severity == severity.rawValue {
        page.add(.line(""))
        page.add(.line("\(finding.severity): \(finding.message) [\(finding.kind)]"))
        if let action = finding.action { page.add(.line("  \(action)")) }
      }
    }
    if blocksChecked < blocks { page.add(.hint("loam doctor \(store) --full compares every block of every version")) }
    return page
  }
}
