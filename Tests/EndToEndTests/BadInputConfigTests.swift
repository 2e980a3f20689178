import Testing

/// Wrong schemas and configs: file, line and column, and the nearest known word; no store is made, nothing is trained.
@Suite struct BadInputConfigTests {
  static func schema(_ name: String, _ text: String, _ code: String, says: String...) -> BadInputCase {
    var wrong = BadInputCase(
      name, files: ["bad.yaml": [UInt8](text.utf8)], ["init", "$/new.loam", "--schema", "$/bad.yaml"], code)
    wrong.says = says
    return wrong
  }

  static let head = "schema: 1\nname: x\nformat: csv\n"

  @Test(arguments: [
    schema(
      "an unknown key", head + "labls: [click]\n", "schema.unknown-key", says: "$/bad.yaml:4:1:", "'labls'",
      "Did you mean 'labels'?"),
    schema(
      "a value of a wrong type", head + "labels: click\n", "schema.wrong-type",
      says: "$/bad.yaml:4:9: 'labels' must be a list, found 'click'"),
    schema(
      "a field twice", head + "ids: [a, b]\ndense: [a]\n", "schema.duplicate-name", says: "$/bad.yaml:",
      "'a' is declared twice"),
    schema(
      "a timeline without event time", head + "ids: [a]\ntimelines: [{name: t, entity: a}]\n", "schema.missing-key",
      says: "$/bad.yaml:5:13: a timeline needs the key 'event_time'"),
    schema("broken YAML", "schema: 1\nformat: [csv\n", "schema.bad-yaml", says: "$/bad.yaml:3:1: not YAML:"),
    schema("a later format", "schema: 9\n", "schema.newer-format", says: "$/bad.yaml:1:9:", "Use a newer Loam"),
    schema("an empty schema", "", "schema.missing-key", says: "$/bad.yaml:1:1: the file is empty"),
    BadInputCase(
      "no schema file", ["init", "$/new.loam", "--schema", "$/none.yaml"], "command.unknown-file",
      says: "$/none.yaml", "Is the path right"),
    BadInputCase(
      "no shards", ["init", "$/new.loam", "--schema", "$/schema.yaml", "--shards", "0"], "store.not-allowed",
      says: "1 to 256 shards, not 0"),
    BadInputCase(
      "a store over a store", ["init", "$/s.loam", "--schema", "$/schema.yaml"], "store.exists",
      says: "there is a store at $/s.loam already", "Choose another path"),
    BadInputCase(
      "a store over a file", ["init", "$/train.csv", "--schema", "$/schema.yaml"], "store.exists",
      says: "$/train.csv is a file", "Choose another path"),
    BadInputCase(
      "a store in no directory", ["init", "$/none/new.loam", "--schema", "$/schema.yaml"], "store.missing",
      says: "there is no directory $/none", "mkdir -p $/none"),
    BadInputCase(
      "a store in a directory with files", ["init", "$", "--schema", "$/schema.yaml"], "store.exists",
      says: "$ is not empty", "Choose another path"),
  ])
  func `a store is not made from:`(wrong: BadInputCase) throws { try wrong.check() }

  /// The config with one line replaced, for a model of another name.
  static func config(_ name: String, _ line: String, _ replacement: String, _ code: String, says: String...)
    -> BadInputCase
  {
    precondition(BadInputPlace.config.contains(line))
    let text = BadInputPlace.config.replacing("name: ctr", with: "name: other").replacing(line, with: replacement)
    var wrong = BadInputCase(
      name, files: ["bad.yaml": [UInt8](text.utf8)], ["train", "$/s.loam", "--config", "$/bad.yaml"], code)
    wrong.says = says
    return wrong
  }

  @Test(arguments: [
    config(
      "an unknown key", "epochs: 1", "epoch: 1", "schema.unknown-key", says: "$/bad.yaml:8:1:", "'epoch'",
      "Did you mean 'epochs'?"),
    config(
      "an unknown model", "model: deepfm", "model: deepfn", "schema.bad-value", says: "$/bad.yaml:1:8:",
      "Did you mean 'deepfm'?"),
    config(
      "an unknown label", "label: click", "label: clik", "schema.unknown-field", says: "$/bad.yaml:3:8:",
      "Did you mean 'click'?"),
    config(
      "an unknown field", "{dimension: 4}", "{dimension: 4, only: [usr]}", "schema.unknown-field",
      says: "$/bad.yaml:5:30:", "Did you mean 'user'?"),
    config(
      "an unknown log", "train: train", "train: trian", "query.unknown-log", says: "no log 'trian'; it has: train"),
    config(
      "a value of a wrong type", "batch_size: 64", "batch_size: many", "schema.wrong-type",
      says: "$/bad.yaml:7:13: 'batch_size' must be a whole number, found 'many'"),
    config(
      "a value out of range", "hidden: [8]", "hidden: [0]", "schema.bad-value", says: "$/bad.yaml:6:1:",
      "positive widths, found [0]"),
    BadInputCase(
      "a key given on the command line", ["train", "$/s.loam", "--config", "$/model.yaml", "--set", "epocs=3"],
      "schema.unknown-key", says: "--set epocs", "Did you mean 'epochs'?"),
    BadInputCase(
      "another config for a trained model", ["train", "$/s.loam", "--config", "$/model.yaml", "--set", "seed=6"],
      "training.model-exists", says: "'ctr'", "another name"),
    BadInputCase(
      "no config file", ["train", "$/s.loam", "--config", "$/none.yaml"], "command.unknown-file", says: "$/none.yaml"),
  ])
  func `nothing is trained with:`(wrong: BadInputCase) throws { try wrong.check() }
}
