import ArgumentParser
import Foundation
import LoamSQL
import SQLite

struct SQLCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sql",
    abstract: "Ask a version of the store in SQL.",
    discussion: """
      The dialect is SQLite's; several statements are separated by ';'. Without a query it is read from standard input. \
      The store is never written.
      """)

  @OptionGroup var place: SnapshotArguments
  @Argument(help: "The query.")
  var query: String?
  @Option(help: "table, csv or json.")
  var format: RowFormat?
  @Flag(help: "The tables that there are, with their columns.")
  var tables = false
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if tables, query != nil { throw ValidationError("--tables answers by itself: leave the query out") }
    if output.json, let format, format != .json {
      throw ValidationError("--json and --format \(format.rawValue) differ")
    }
  }

  func run() throws {
    let session = try SQLSession(try place.snapshot())
    if tables {
      return try Console(json: output.json || format == .json, quiet: output.quiet).present(try session.tables())
    }
    let text = try query ?? Self.standardInput()
    let writer = RowWriter(format ?? (output.json ? .json : .table))
    try session.run(text) { (statement, number) throws in
      if number == 1, writer.format == .json {
        throw SQLError.sql(
          .badQuery, "a second statement gives rows, and a JSON document has those of one",
          hint: "Ask one question at a time, or choose --format csv.")
      }
      try writer.write(statement, isFirst: number == 0)
    }
  }

  private static func standardInput() throws -> String {
    if isatty(0) == 1 { Terminal.error.write("Reading SQL from standard input; end with Ctrl-D.\n") }
    guard let text = String(validating: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self) else {
      throw CommandError(.unknownFormat, "standard input is not UTF-8 text")
    }
    return text
  }
}
