import ArgumentParser
import LoamGenerate

struct GenerateAds: LoamCommand {
  static let configuration = CommandConfiguration(
    commandName: "ads", abstract: "An ad log whose best possible AUC is known: train.csv, valid.csv, schema.yaml.",
    discussion: """
      Users, items, campaigns and advertisers with Zipf-distributed IDs, a click that depends on user, item, context \
      and what the user clicked last, and a rare conversion that follows hours later. The last 20 % of the rows by \
      time are valid.csv. oracle.json holds what the true probabilities reach: the best that a model can do.
      """)

  @OptionGroup var options: GenerateOptions
  @Option(
    name: [.customShort("o"), .customLong("output")], help: "The directory to write to; made if it is not there.")
  var directory: String
  @OptionGroup var output: OutputOptions

  func answer(_ console: Console) throws -> GeneratedAds {
    let generator = try AdsGenerator(rows: options.rows, seed: options.seed)
    let progress = console.progress("generate ads", unit: "rows", total: options.rows)
    let oracle = try generator.write(to: directory) { progress.update($0) }
    progress.clear()
    return GeneratedAds(directory: directory, seconds: progress.secondsElapsed, oracle: oracle)
  }
}

struct GeneratedAds: Report {
  var directory: String
  var seconds: Double
  var oracle: AdsOracle
  var isAnswer: Bool { false }

  var page: Page {
    var page = Page(.title("\(Quantity.count(oracle.rows)) rows of an ad log in \(directory)"))
    page.facts(
      ("users", Quantity.count(oracle.users)), ("items", Quantity.count(oracle.items)),
      ("campaigns", Quantity.count(oracle.campaigns)), ("advertisers", Quantity.count(oracle.advertisers)),
      ("written", "train.csv, valid.csv, schema.yaml, oracle.json in \(Quantity.seconds(seconds))"))
    page.add(.title("What the true probabilities reach: no model can do better"))
    var table = Table(
      .text("label"), .text("part"), .number("rows"), .number("rate"), .number("AUC"), .number("log-loss"),
      .number("NE"))
    for (part, scores) in [("train", oracle.train), ("valid", oracle.valid)] {
      for (label, score) in [("click", scores.click), ("conversion | click", scores.conversionAfterClick)] {
        table.add(
          label, part, Quantity.count(score.rows), Quantity.percent(score.rate), Quantity.fixed(score.auc, 4),
          Quantity.fixed(score.logLoss, 4), Quantity.fixed(score.normalisedEntropy, 4))
      }
    }
    page.add(.table(table))
    page.add(.hint("loam init STORE --schema \(directory)/schema.yaml"))
    return page
  }
}
