import ArgumentParser
import LoamSchema
import LoamStore
import LoamTraining

struct Train: LoamCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a model on logs of the store.",
    discussion: """
      Each epoch ends in a version that holds rows, optimizer state, dense weights, position, config and metrics; the \
      alias MODEL-best names the best one. A run that was interrupted goes on when the same command is given again.
      """)

  @OptionGroup var path: StoreArgument
  @Option(help: "The YAML file that says which model and how.", completion: .file(extensions: ["yaml", "yml"]))
  var config: String
  @Option(name: .customLong("set"), help: "Replace a key of the config: epochs=3, fields.dimension=8. May be repeated.")
  var settings: [String] = []
  @Option(help: "Go on from this version of the model instead of its latest; the logs stay as they are.")
  var from: String?
  @Option(help: "A tag for the last version of the run.")
  var tag: String?
  @Option(
    name: .customLong("report"),
    help: "Write a page with curves of loss and AUC by epoch, whole and by ID frequency.",
    completion: .file(extensions: ["html"]))
  var reportFile: String?
  @Option(help: "How many threads compute a step; 0: one a core. Any number ends in the same model, to the bit.")
  var threads = 0
  @Option(help: "Train a model a seed, NAME-seed-1 and so on, and say how far they lie apart: 1,2,3 or 1-5.")
  var seeds: SeedList?
  @Flag(help: "Train a model for each of the training logs, NAME-fold-LOG, on all others, and score that log with it.")
  var folds = false
  @Flag(help: "Train a model anew that is done or was trained with another config; versions keep the old one.")
  var replace = false
  @Flag(help: "Check config and logs, print the effective config, train nothing.")
  var dryRun = false
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (0...1_024).contains(threads) else { throw ValidationError("--threads is 0 to 1024, found \(threads)") }
    if seeds != nil || folds, from != nil || tag != nil || reportFile != nil {
      throw ValidationError("--seeds and --folds train several models: --from, --tag and --report are for one")
    }
    if seeds != nil, folds { throw ValidationError("--seeds and --folds are one or the other") }
  }

  func answer(_ console: Console) throws -> TrainAnswer {
    let text = try textFile(config)
    let store = try path.open(for: dryRun ? .read : .write)
    let schema = try store.snapshot().schema()
    let settings = try settings.map(Self.setting)
    let config = try ModelConfig(yaml: text, file: config, schema: schema, settings: settings)
    if dryRun { return .planned(try PlannedTraining(config, try store.snapshot())) }
    let stop = StopRequest()
    func run(_ config: ModelConfig) throws -> TrainingReport {
      let bar = TrainingBar(console, model: config.name)
      defer { bar.clear() }
      return try Trainer(store: store, schema: schema, config: config, threads: threads, replaces: replace).run(
        progress: bar.show, stopping: { stop.isRequested })
    }
    if seeds != nil || folds {
      var runs: [TrainedRuns.Done] = []
      for each in try repetitions(of: config) where !stop.isRequested {
        let config = try ModelConfig(yaml: text, file: self.config, schema: schema, settings: settings + each.settings)
        runs.append(.init(seed: each.seed, fold: each.fold, config: config, report: try run(config)))
      }
      return .several(TrainedRuns(store: path.store, model: config.name, runs))
    }
    if let from { try goBack(store, model: config.name, to: VersionReference(from)) }
    let report = try run(config)
    if let tag { try store.tag(.number(report.version), as: tag) }
    if let reportFile {
      let file = try LineFile(reportFile)
      try file.write(RunPage(config: config, report: report).html)
      try file.finish()
    }
    return .trained(Trained(store: path.store, config: config, report: report, tag: tag))
  }

  private typealias Repetition = (seed: UInt64?, fold: String?, settings: [(path: String, value: String)])

  private func repetitions(of config: ModelConfig) throws -> [Repetition] {
    if let seeds {
      return seeds.seeds.map { ($0, nil, [("name", "\(config.name)-seed-\($0)"), ("seed", "\($0)")]) }
    }
    guard config.train.count > 1 else {
      throw ValidationError(
        "--folds leaves out one training log after another, and '\(config.name)' has one: make each part a log")
    }
    return config.train.map { fold in
      let others = config.train.filter { $0 != fold }.joined(separator: ", ")
      return (
        nil, fold, [("name", "\(config.name)-fold-\(fold)"), ("train", "[\(others)]"), ("validation", fold)]
      )
    }
  }

  private func goBack(_ store: Store, model: String, to version: VersionReference) throws {
    let target = try store.snapshot(at: version)
    guard target.names(.model).contains(model) else { throw target.unknown(.model, model, "model") }
    let tables = try store.snapshot().tables.filter {
      $0 == TableName(.model, model) || ($0.kind == .embedding && $0.name.hasPrefix(model + "/"))
    }
    _ = try store.revert(to: .number(target.record.version), tables: Set(tables))
  }

  private static func setting(_ text: String) throws -> (path: String, value: String) {
    guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
      throw ValidationError("--set needs key=value, found '\(text)'")
    }
    return (String(text[..<equals]), String(text[text.index(after: equals)...]))
  }
}

enum TrainAnswer: Report {
  case planned(PlannedTraining)
  case trained(Trained)
  case several(TrainedRuns)

  func encode(to encoder: any Encoder) throws {
    switch self {
    case .planned(let report): try report.encode(to: encoder)
    case .trained(let report): try report.encode(to: encoder)
    case .several(let report): try report.encode(to: encoder)
    }
  }

  var isAnswer: Bool { if case .planned = self { true } else { false } }
  var page: Page {
    switch self {
    case .planned(let report): report.page
    case .trained(let report): report.page
    case .several(let report): report.page
    }
  }
}

/// What `--dry-run` shows.
struct PlannedTraining: Report {
  struct Rows: Encodable {
    var log: String
    var rows: UInt64
  }
  var model: String
  /// Every key, defaults written out.
  var config: String
  var train: [Rows]
  var validation: [Rows]

  init(_ config: ModelConfig, _ snapshot: Snapshot) throws {
    model = config.name
    self.config = config.yaml
    func rows(_ logs: [String]) throws -> [Rows] {
      try logs.map { log in
        guard let table = snapshot.record.tables["log:\(log)"] else { throw snapshot.unknown(.log, log, "log") }
        return Rows(log: log, rows: table.rows)
      }
    }
    train = try rows(config.train)
    validation = try rows(config.validation)
  }

  var page: Page {
    var page = Page(.title("The effective config of \(model)"), .text(config), .title("It would read"))
    var table = Table(.text("log"), .number("rows"), .text("for"))
    for log in train { table.add(log.log, Quantity.count(log.rows), "training") }
    for log in validation { table.add(log.log, Quantity.count(log.rows), "validation") }
    page.add(.table(table))
    return page
  }
}
