import ArgumentParser
import LoamQuery
import LoamSchema
import LoamStore

struct VersionsShow: LoamCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "One version: its tables, their rows and roots, its metrics.")

  @OptionGroup var path: StoreArgument
  @Argument(help: "A number, tag or alias, or 'latest'.")
  var version = "latest"
  @Flag(help: "Also the effective config that each model was trained with.")
  var config = false
  @OptionGroup var output: OutputOptions

  func answer(_ console: Console) throws -> VersionDetail {
    let store = try path.open(for: .read)
    let snapshot = try store.snapshot(at: VersionReference(version))
    var detail = VersionDetail(snapshot.record, try VersionNames(store))
    guard config else { return detail }
    var configs: [String: String] = [:]
    for model in snapshot.names(.model) { configs[model] = try ModelBlobs(snapshot, model: model)?.config() }
    detail.configs = configs
    return detail
  }
}

struct VersionDetail: Report {
  struct TableEntry: Encodable {
    var table: String
    var rows: UInt64
    var stamp: UInt64
    var root: String
  }
  var summary: VersionSummary
  var tables: [TableEntry]
  /// YAML by model; nil where it was not asked for.
  var configs: [String: String]?

  init(_ record: VersionRecord, _ names: VersionNames) {
    summary = VersionSummary(record, names)
    tables = record.tables.sorted { $0.key < $1.key }.map {
      TableEntry(table: $0.key, rows: $0.value.rows, stamp: $0.value.stamp, root: $0.value.root.description)
    }
  }

  var page: Page {
    var page = Page(.title("Version \(summary.version)"))
    page.facts(
      ("parent", summary.parent.map { "\($0)" } ?? "-"), ("time", Quantity.time(summary.timeMicroseconds) + " UTC"),
      ("note", summary.note), ("names", summary.nameText.isEmpty ? "-" : summary.nameText), ("root", summary.root))
    if !tables.isEmpty {
      page.add(.title("Tables"))
      var table = Table(.text("table"), .number("rows"), .number("stamp"), .text("root"))
      for entry in tables { table.add(entry.table, Quantity.count(entry.rows), "\(entry.stamp)", entry.root) }
      page.add(.table(table))
    }
    if !summary.metrics.isEmpty {
      page.add(.title("Metrics"))
      var table = Table(.text("metric"), .number("value"))
      for (name, value) in summary.metrics.sorted(by: { $0.key < $1.key }) { table.add(name, Quantity.fixed(value, 5)) }
      page.add(.table(table))
    }
    for (model, config) in (configs ?? [:]).sorted(by: { $0.key < $1.key }) {
      page.add(.title("Config of \(model)"))
      page.add(.text(config))
    }
    return page
  }
}
