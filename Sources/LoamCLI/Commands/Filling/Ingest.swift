import ArgumentParser
import LoamIngest
import LoamSchema
import LoamStore

struct Ingest: LoamCommand {
  static let configuration = CommandConfiguration(
    abstract: "Read files into a feature log: rows, ID counts, timelines.",
    discussion: """
      Plain, gzip or zstd; '-' is standard input. Each batch is one version, with the position in the file beside its \
      rows: an interrupted ingest goes on where it ended when the same command is given again.
      """)

  @OptionGroup var path: StoreArgument
  @Argument(help: "One or more files.", completion: .file())
  var files: [String]
  @Option(help: "The log that takes the rows; made if it is not there.")
  var log = "train"
  @Option(help: "The timeline that takes the rows as its events, as the schema's 'events' describes them; no log does.")
  var events: String?
  @Option(help: "csv, tsv, jsonl, libsvm or libffm, where it is not what the schema says.")
  var format: RecordFormat.Kind?
  @Option(help: "Malformed rows that are passed over and reported; one more refuses the batch.")
  var maxBadRows = 0
  @Option(help: "Records of one version.")
  var batchRows = 1_048_576
  @Flag(help: "Go on reading the one file as it grows, until Ctrl-C.")
  var follow = false
  @Option(help: "With --follow: rows that wait are published after so many seconds.")
  var publishSeconds = 5.0
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if follow && files.count != 1 { throw ValidationError("--follow reads one file, found \(files.count)") }
    guard publishSeconds >= 0, publishSeconds <= 86_400 else {
      throw ValidationError("--publish-seconds must be 0 to 86,400, found \(publishSeconds)")
    }
    guard !files.isEmpty else { throw ValidationError("name at least one file, or '-' for standard input") }
    guard maxBadRows >= 0 else { throw ValidationError("--max-bad-rows must not be negative, found \(maxBadRows)") }
  }

  func answer(_ console: Console) throws -> Ingested {
    let store = try path.open(for: .write)
    let declared = try store.snapshot().schema()
    let schema = try (events.map { try declared.events(named: $0) } ?? declared).read(as: format)
    let log = events ?? self.log
    let ingestor = Ingestor(
      store: store, schema: schema,
      options: IngestOptions(log: log, batchRows: batchRows, maxBadRows: maxBadRows, keepsRows: events == nil))
    let bar = IngestBar(console, log: log)
    let report: IngestReport
    do {
      if follow {
        let stop = StopRequest()
        report = try ingestor.follow(
          files[0], FollowOptions(publishSeconds: publishSeconds), shouldStop: { stop.isRequested }
        ) { bar.show($0) }
      } else {
        report = try ingestor.run(files.map { Input($0) }) { bar.show($0) }
      }
    } catch {
      bar.clear()
      throw error
    }
    bar.clear()
    for row in report.badSamples { console.note("passed over: \(row)") }
    return Ingested(store: path.store, log: log, report: report)
  }
}

extension Schema {
  /// How the files of a timeline's events are read.
  fileprivate func events(named name: String) throws -> Schema {
    if let found = events.first(where: { $0.name == name }) { return found }
    let known = events.map(\.name)
    throw CommandError(
      .unknownTable, "the schema declares no events '\(name)'",
      hint: nearestName(to: name, among: known).map { "Did you mean '\($0)'?" }
        ?? (known.isEmpty ? "Describe their files under 'events:'." : "It has: \(known.joined(separator: ", "))."))
  }
}

/// The progress of an ingest: a bar by bytes on a terminal, one line a version elsewhere.
final class IngestBar {
  private let progress: Progress
  private let log: String
  private var source = ""
  private var rowsBefore = 0

  init(_ console: Console, log: String) {
    self.log = log
    progress = console.progress("ingest \(log)", unit: "rows")
  }

  func show(_ state: IngestProgress) {
    if state.source != source { (source, rowsBefore) = (state.source, state.rows) }
    if let version = state.version {
      progress.batch(
        "version \(version): \(Quantity.count(state.rows)) rows of \(state.source), "
          + Quantity.rate(state.rowsPerSecond, "rows"))
    }
    let rows = state.rows - rowsBefore
    // The rows to come are guessed from the bytes that are left.
    let share = state.bytesTotal.map { Double(state.bytesRead) / Double(max($0, 1)) }
    let total = share.map { $0 > 0 ? rowsBefore + Int(Double(rows) / $0) : 0 }
    progress.update(state.rows, total: total, note: state.badRows > 0 ? "\(state.badRows) bad" : "")
  }

  func clear() { progress.clear() }
}

struct Ingested: Report {
  var store: String
  var log: String
  /// Rows stored by this run.
  var rows: Int
  var badRows: Int
  /// Rows left out because the log has met their key.
  var repeatedRows: Int
  /// Rows of the log now.
  var logRows: Int
  var versions: [UInt64]
  var newIDs: [String: Int]
  var sources: [IngestReport.Source]
  var badSamples: [BadRow]
  var seconds: Double
  var isAnswer: Bool { false }

  enum CodingKeys: String, CodingKey {
    case store, log, rows, badRows, repeatedRows, logRows, versions, sources, badSamples, seconds
    case newIDs = "newIds"
  }

  init(store: String, log: String, report: IngestReport) {
    self.store = store
    self.log = log
    rows = report.rows
    badRows = report.badRows
    repeatedRows = report.repeatedRows
    logRows = report.logRows
    versions = report.versions
    newIDs = report.newIDs
    sources = report.sources
    badSamples = report.badSamples
    seconds = report.seconds
  }

  var page: Page {
    let rate = seconds > 0 ? ", " + Quantity.rate(Double(rows) / seconds, "rows") : ""
    var page = Page(
      .title("\(Quantity.count(rows, "row")) into the log \(log) in \(Quantity.seconds(seconds))\(rate)"))
    var table = Table(
      .text("input"), .text("outcome"), .number("records"), .number("rows"), .number("bad"),
      .number("repeated"), .number("had before"))
    for source in sources {
      table.add(
        source.name, source.outcome.rawValue, Quantity.count(source.records), Quantity.count(source.rows),
        Quantity.count(source.bad), Quantity.count(source.repeated), Quantity.count(source.recordsBefore))
    }
    page.add(.table(table))
    let ids = newIDs.filter { $0.value > 0 }.sorted { $0.key < $1.key }
    page.facts(
      ("log rows now", Quantity.count(logRows)),
      ("versions", versions.isEmpty ? "none: nothing was new" : versions.map { "\($0)" }.joined(separator: ", ")),
      ("new IDs", ids.isEmpty ? "none" : ids.map { "\($0.key) \(Quantity.count($0.value))" }.joined(separator: ", ")))
    page.add(.hint("loam train \(store) --config FILE   loam log \(store) --log \(log)"))
    return page
  }
}
