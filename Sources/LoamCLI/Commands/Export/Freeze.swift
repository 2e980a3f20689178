import ArgumentParser
import LoamStore

struct Freeze: LoamCommand {
  static let configuration = CommandConfiguration(
    abstract: "Give a version a name for good: it is kept, read, served and exported by it.")

  @OptionGroup var place: SnapshotArguments
  @Option(name: .customLong("as"), help: "The name.")
  var name: String
  @OptionGroup var output: OutputOptions

  func answer(_ console: Console) throws -> Frozen {
    let store = try place.path.open(for: .write)
    try store.tag(VersionReference(place.at), as: name)
    let record = try store.snapshot(at: .name(name)).record
    return Frozen(store: place.path.store, name: name, version: record.version, root: record.root.description)
  }
}

struct Frozen: Report {
  var store: String
  var name: String
  var version: UInt64
  var root: String
  var isAnswer: Bool { false }

  var page: Page {
    var page = Page(.title("Version \(version) is frozen as \(name)"))
    page.facts(("root", root))
    page.add(.hint("loam export \(store) --at \(name) --format safetensors --output DIR"))
    return page
  }
}
