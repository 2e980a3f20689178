import ArgumentParser

/// A command that ends in one report.
protocol LoamCommand: ParsableCommand {
  associatedtype Answer: Report
  var output: OutputOptions { get }
  func answer(_ console: Console) throws -> Answer
}

extension LoamCommand {
  mutating func run() throws {
    let console = Console(json: output.json, quiet: output.quiet)
    try console.present(try answer(console))
  }
}

/// What every command understands.
struct OutputOptions: ParsableArguments {
  @Flag(name: .long, help: "Print one JSON document on standard output.")
  var json = false
  @Flag(name: [.short, .long], help: "No progress, notes and hints; answers only.")
  var quiet = false
}
