import ArgumentParser
import LoamIngest
import LoamQuery
import LoamSchema
import LoamStore
import LoamTraining

struct Predict: LoamCommand {
  static let configuration = CommandConfiguration(
    abstract: "Score new rows with a model: one probability a line, in the order of the input.",
    discussion: """
      The input has the columns of the store's schema; labels may be missing. Nothing is stored. With '--output -' \
      the probabilities go to standard output and the report is left out.
      """)

  @OptionGroup var place: SnapshotArguments
  @Option(help: "The model; not needed where the version has only one.")
  var model: String?
  @Option(
    parsing: .upToNextOption, help: "One or more files, plain, gzip or zstd; '-' is standard input.",
    completion: .file())
  var input: [String]
  @Option(
    name: [.customShort("o"), .customLong("output")], help: "The CSV file to write, or '-'.", completion: .file())
  var target: String
  @Option(help: "csv, tsv, jsonl, libsvm or libffm, where it is not what the schema says.")
  var format: RecordFormat.Kind?
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard !(output.json && target == "-") else {
      throw ValidationError("--json and '--output -' both want standard output: write to a file")
    }
  }

  func answer(_ console: Console) throws -> Predicted {
    let snapshot = try place.snapshot()
    let predictor = try Predictor(snapshot, model: try snapshot.onlyModel(model))
    let definition = predictor.model.definition
    let reader = RowGroupReader(try snapshot.schema().read(as: format), input.map { Input($0) })
    let file = try LineFile(target)
    let progress = console.progress("predict \(definition.name)", unit: "rows")
    defer { progress.clear() }
    try file.write("\(definition.labels.first ?? "label")_probability\n")
    var (rows, sum) = (0, 0.0)
    while let group = try reader.next() {
      let probabilities = try predictor.predict(group, place: input.joined(separator: ", "))
      var lines = ""
      for probability in probabilities {
        lines += "\(probability)\n"
        sum += Double(probability)
      }
      try file.write(lines)
      rows += probabilities.count
      progress.update(rows)
    }
    try file.finish()
    return Predicted(
      model: definition.name, version: snapshot.record.version, rows: rows, output: target,
      mean: rows == 0 ? nil : sum / Double(rows), seconds: progress.secondsElapsed)
  }
}

struct Predicted: Report {
  var model: String
  var version: UInt64
  var rows: Int
  var output: String
  /// Of the probabilities.
  var mean: Double?
  var seconds: Double
  var isAnswer: Bool { false }

  /// Nothing where the probabilities themselves went to standard output.
  var page: Page {
    guard output != "-" else { return Page() }
    var page = Page(.title("\(Quantity.count(rows, "row")) scored by \(model), version \(version)"))
    page.facts(
      ("written to", output), ("mean probability", Quantity.fixed(mean, 5)),
      ("speed", Quantity.rate(Double(rows) / max(seconds, 1e-9), "rows")))
    return page
  }
}
