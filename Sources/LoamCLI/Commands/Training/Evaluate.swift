import ArgumentParser
import LoamQuery
import LoamStore
import LoamTraining

struct Evaluate: LoamCommand {
  static let configuration = CommandConfiguration(
    abstract: "Score a log with a model and say what the scores are worth.",
    discussion: """
      Groups, slices and frequencies are measured as the model's config says under 'metrics', or as options say. \
      Fields are ID fields of one value a row.
      """)

  @OptionGroup var place: SnapshotArguments
  @Option(help: "The model; not needed where the version has only one.")
  var model: String?
  @Option(parsing: .upToNextOption, help: "One or more logs.")
  var log: [String]
  @Option(help: "Grouped AUC: rows of one value of this field belong together.")
  var group: String?
  @Option(parsing: .upToNextOption, help: "HR, NDCG and MRR of the first K rows of each group.")
  var atK: [Int] = []
  @Option(parsing: .upToNextOption, help: "Figures for each of the frequent values of these fields.")
  var slice: [String] = []
  @Option(
    parsing: .upToNextOption, help: "Figures by how often training saw the IDs of these fields, or 'none'.")
  var frequency: [String] = []
  @OptionGroup var output: OutputOptions

  func answer(_ console: Console) throws -> Evaluated {
    let snapshot = try place.snapshot()
    let model = try snapshot.onlyModel(model)
    for name in log where !snapshot.names(.log).contains(name) { throw snapshot.unknown(.log, name, "log") }
    let config = try config(snapshot, model)
    let evaluator = try Evaluator(snapshot, model: model, metrics: config.metrics, train: config.train)
    let progress = console.progress("evaluate \(model)", unit: "rows")
    defer { progress.clear() }
    let scores = try log.map { name in
      Evaluated.Scores(try evaluator.evaluate(log: name) { progress.update($0, total: $1, note: name) })
    }
    return Evaluated(model: model, version: snapshot.record.version, logs: scores)
  }

  /// What the version stored, with this command's options in place of it.
  private func config(_ snapshot: Snapshot, _ model: String) throws -> ModelConfig {
    let stored = try ModelBlobs(snapshot, model: model)?.config() ?? ""
    func list(_ names: [String]) -> String { "[\(names.map { "\"\($0)\"" }.joined(separator: ", "))]" }
    var settings: [(path: String, value: String)] = []
    if let group { settings.append(("metrics.group", "\"\(group)\"")) }
    if !atK.isEmpty { settings.append(("metrics.at", "\(atK)")) }
    if !slice.isEmpty { settings.append(("metrics.slices", list(slice))) }
    if !frequency.isEmpty {
      settings.append(("metrics.frequency", frequency == ["none"] ? "none" : list(frequency)))
    }
    return try ModelConfig(
      yaml: stored, file: "config of \(model)", schema: try snapshot.schema(), settings: settings)
  }
}
