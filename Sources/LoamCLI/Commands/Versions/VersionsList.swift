import ArgumentParser
import LoamSchema
import LoamStore

struct VersionsList: LoamCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "The kept versions, newest first.")

  @OptionGroup var path: StoreArgument
  @OptionGroup var output: OutputOptions

  func answer(_ console: Console) throws -> VersionList {
    let store = try path.open(for: .read)
    let names = try VersionNames(store)
    return VersionList(
      store: path.store, versions: try store.versions().reversed().map { VersionSummary($0, names) },
      retention: try store.retention())
  }
}

/// Tags and aliases by version.
struct VersionNames {
  private let tags: [UInt64: [String]]
  private let aliases: [UInt64: [String]]

  init(_ store: Store) throws {
    tags = Dictionary(grouping: try store.tags(), by: \.value).mapValues { $0.map(\.key).sorted() }
    aliases = Dictionary(grouping: try store.aliases(), by: \.value).mapValues { $0.map(\.key).sorted() }
  }

  func tags(_ version: UInt64) -> [String] { tags[version] ?? [] }
  func aliases(_ version: UInt64) -> [String] { aliases[version] ?? [] }
}

struct VersionSummary: Encodable {
  var version: UInt64
  var parent: UInt64?
  /// Microseconds since 1970, UTC.
  var timeMicroseconds: Timestamp
  var note: String
  var tags: [String]
  var aliases: [String]
  /// Rows of all logs together.
  var logRows: UInt64
  var metrics: [String: Double]
  var root: String

  init(_ record: VersionRecord, _ names: VersionNames) {
    version = record.version
    parent = record.parent
    timeMicroseconds = record.time
    note = record.note
    tags = names.tags(record.version)
    aliases = names.aliases(record.version)
    logRows = record.tables.filter { $0.key.hasPrefix("log:") }.reduce(0) { $0 + $1.value.rows }
    metrics = record.metrics
    root = record.root.description
  }

  /// `best, serving →`: aliases carry an arrow, because they move.
  var nameText: String { (tags + aliases.map { $0 + " →" }).joined(separator: ", ") }
}

struct VersionList: Report {
  var store: String
  var versions: [VersionSummary]
  var keepLast: Int
  var keepSeconds: Int

  init(store: String, versions: [VersionSummary], retention: RetentionPolicy) {
    (self.store, self.versions) = (store, versions)
    (keepLast, keepSeconds) = (retention.keepLast, retention.keepSeconds)
  }

  var page: Page {
    let kept = RetentionText.of(RetentionPolicy(keepLast: keepLast, keepSeconds: keepSeconds))
    var page = Page(.title("\(Quantity.count(versions.count, "version")) of \(store), newest first (\(kept))"))
    var table = Table(.number("version"), .text("time (UTC)"), .number("log rows"), .text("names"), .text("note"))
    for version in versions {
      let time = String(Quantity.time(version.timeMicroseconds).prefix(19))
      table.add("\(version.version)", time, Quantity.count(version.logRows), version.nameText, version.note)
    }
    page.add(.table(table))
    page.add(.hint("loam versions show \(store) VERSION   loam versions tag \(store) VERSION NAME"))
    return page
  }
}
