import ArgumentParser
import LoamGenerate

struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write synthetic data to try Loam with.", subcommands: [GenerateAds.self, GenerateCriteo.self])
}

/// Rows and seed, which decide every byte.
struct GenerateOptions: ParsableArguments {
  @Option(help: "How many rows.")
  var rows: Int
  @Option(help: "The same rows and seed give the same bytes.")
  var seed: UInt64 = 1
}
