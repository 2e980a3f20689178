import ArgumentParser
import LoamSchema
import LoamStore
import LoamTraining

struct Evict: LoamCommand {
  static let configuration = CommandConfiguration(
    abstract: "Remove rows of an embedding table that are old, rare or small.",
    discussion: """
      Rows that meet every condition given go; those of missing and unknown IDs stay. Older versions keep the rows, so \
      'loam versions revert' brings them back. Their room serves IDs to come.
      """)

  @OptionGroup var path: StoreArgument
  @Option(help: "MODEL/SPACE.")
  var table: String
  @Option(help: "Rows whose last step lies more than so many steps behind the table's latest.")
  var olderThan: UInt64?
  @Option(help: "Rows that occurred less often in training.")
  var countBelow: UInt64?
  @Option(help: "Rows whose vector has a smaller L2 norm (without vectors: whose weight is smaller).")
  var normBelow: Double?
  @Flag(help: "Say what would go and change nothing.")
  var dryRun = false
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if olderThan == nil, countBelow == nil, normBelow == nil {
      throw ValidationError("say what is to go: --older-than STEPS, --count-below N or --norm-below X")
    }
    if let normBelow, !(normBelow > 0) || !normBelow.isFinite {
      throw ValidationError("--norm-below is a number above 0, not \(normBelow)")
    }
  }

  func answer(_ console: Console) throws -> Evicted {
    let store = try path.open(for: dryRun ? .read : .write)
    let parts = (TableName(table).map { $0.kind == .embedding ? $0.name : table } ?? table).split(separator: "/")
    let snapshot = try store.snapshot()
    guard parts.count == 2, snapshot.spec(TableName(.embedding, parts.joined(separator: "/"))) != nil else {
      throw snapshot.unknown(.embedding, table, "embedding table")
    }
    let rule = EvictionRule(olderThan: olderThan, countBelow: countBelow, normBelow: normBelow)
    let eviction = try Eviction(store, model: String(parts[0]), space: String(parts[1]), rule)
    let report = dryRun ? try eviction.look() : try eviction.run()
    return Evicted(store: path.store, table: parts.joined(separator: "/"), dryRun: dryRun, rule: rule, report)
  }
}

struct Evicted: Report {
  var store: String
  var table: String
  var dryRun: Bool
  var olderThan: UInt64?
  var countBelow: UInt64?
  var normBelow: Double?
  var latestStep: UInt64
  var rows: UInt64
  var rowsOfTable: UInt64
  var bytes: UInt64
  var bytesOfTable: UInt64
  var occurrences: UInt64
  var occurrencesOfTable: UInt64
  var trafficShare: Double
  var version: UInt64?

  var isAnswer: Bool { dryRun }

  init(store: String, table: String, dryRun: Bool, rule: EvictionRule, _ report: EvictionReport) {
    (self.store, self.table, self.dryRun) = (store, table, dryRun)
    (olderThan, countBelow, normBelow) = (rule.olderThan, rule.countBelow, rule.normBelow)
    latestStep = report.latestStep
    (rows, rowsOfTable) = (report.rows, report.rowsOfTable)
    (bytes, bytesOfTable) = (report.bytes, report.bytesOfTable)
    (occurrences, occurrencesOfTable) = (report.occurrences, report.occurrencesOfTable)
    (trafficShare, version) = (report.trafficShare, report.version)
  }

  var page: Page {
    let what = "\(Quantity.count(rows, "row")) of \(Quantity.count(rowsOfTable))"
    var page = Page(
      .title(dryRun ? "\(what) would leave \(table)" : rows == 0 ? "No row of \(table) left" : "\(what) left \(table)"))
    page.add(.line("Room for rows to come: \(Quantity.bytes(bytes)) of \(Quantity.bytes(bytesOfTable))"))
    page.add(
      .line(
        "Share of the traffic it was trained on: \(Quantity.percent(trafficShare, 2)) "
          + "(\(Quantity.count(occurrences)) of \(Quantity.count(occurrencesOfTable)) occurrences)"))
    if let version {
      page.add(.hint("version \(version); back to before: loam versions revert \(store) \(version - 1)"))
    }
    return page
  }
}
