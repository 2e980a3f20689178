import ArgumentParser
import LoamSchema
import LoamStore

struct Log: LoamCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show rows of a feature log as they are stored.",
    discussion: "Without --log: the logs of the store, with the inputs that they were read from.")

  @OptionGroup var place: SnapshotArguments
  @Option(help: "The log's name.")
  var log: String?
  @Option(help: "How many rows.")
  var limit = 10
  @Option(parsing: .unconditional, help: "The first row, from 0; negative counts from the end.")
  var from = 0
  @Option(parsing: .upToNextOption, help: "Columns to show, such as label/click or id/user; all where not given.")
  var columns: [String] = []
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (0...100_000).contains(limit) else { throw ValidationError("--limit must be 0 to 100,000, found \(limit)") }
  }

  func answer(_ console: Console) throws -> LogAnswer {
    let snapshot = try place.snapshot()
    guard let log else { return .logs(try LogList(snapshot)) }
    guard let reader = try FeatureLogReader(snapshot, TableName(.log, log)) else {
      throw snapshot.unknown(.log, log, "log")
    }
    let start = from >= 0 ? min(from, reader.rowCount) : max(0, reader.rowCount + from)
    return .rows(try LogRows(reader, log: log, rows: start..<min(start + limit, reader.rowCount), columns: columns))
  }
}

enum LogAnswer: Report {
  case logs(LogList)
  case rows(LogRows)

  func encode(to encoder: any Encoder) throws {
    switch self {
    case .logs(let list): try list.encode(to: encoder)
    case .rows(let rows): try rows.encode(to: encoder)
    }
  }

  var page: Page {
    switch self {
    case .logs(let list): list.page
    case .rows(let rows): rows.page
    }
  }
}

struct LogList: Report {
  struct Entry: Encodable {
    var log: String
    var rows: Int
    var sources: [LogSource]
  }
  var version: UInt64
  var logs: [Entry]

  init(_ snapshot: Snapshot) throws {
    version = snapshot.record.version
    logs = try snapshot.names(.log).compactMap { name in
      try FeatureLogReader(snapshot, TableName(.log, name)).map {
        Entry(log: name, rows: $0.rowCount, sources: $0.sources)
      }
    }
  }

  var page: Page {
    var page = Page(.title("\(Quantity.count(logs.count, "log")) at version \(version)"))
    var table = Table(
      .text("log"), .number("rows"), .text("input"), .number("records read"), .number("stored"), .number("refused"),
      .text("state"))
    for entry in logs {
      var (log, rows) = (entry.log, Quantity.count(entry.rows))
      for source in entry.sources {
        table.add(
          log, rows, source.name, Quantity.count(source.records), Quantity.count(source.rows),
          Quantity.count(source.bad), source.complete ? "complete" : "interrupted: ingest it again")
        (log, rows) = ("", "")
      }
      if entry.sources.isEmpty { table.add(log, rows, "", "", "", "", "") }
    }
    page.add(.table(table))
    if let first = logs.first { page.add(.hint("loam log STORE --log \(first.log) --limit 5")) }
    return page
  }
}
