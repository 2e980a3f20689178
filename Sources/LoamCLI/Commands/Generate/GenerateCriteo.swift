import ArgumentParser
import LoamGenerate

struct GenerateCriteo: LoamCommand {
  static let configuration = CommandConfiguration(
    commandName: "criteo", abstract: "A log in the shape of Criteo's: label, 13 counts, 26 categories, with holes.",
    discussion: "One file of tab-separated values without a header, for measuring speed.")

  @OptionGroup var options: GenerateOptions
  @Option(name: [.customShort("o"), .customLong("output")], help: "The file to write.")
  var file: String
  @OptionGroup var output: OutputOptions

  func answer(_ console: Console) throws -> GeneratedCriteo {
    let generator = try CriteoGenerator(rows: options.rows, seed: options.seed)
    let progress = console.progress("generate criteo", unit: "rows", total: options.rows)
    try generator.write(toFile: file) { progress.update($0) }
    progress.clear()
    return GeneratedCriteo(file: file, rows: options.rows, seed: options.seed, seconds: progress.secondsElapsed)
  }
}

struct GeneratedCriteo: Report {
  var file: String
  var rows: Int
  var seed: UInt64
  var seconds: Double
  var isAnswer: Bool { false }

  var page: Page {
    var page = Page(.title("\(Quantity.count(rows)) rows in the shape of Criteo's log in \(file)"))
    page.facts(("seed", "\(seed)"), ("written in", Quantity.seconds(seconds)))
    page.add(.hint("loam init STORE --schema schemas/criteo.yaml"))
    return page
  }
}
