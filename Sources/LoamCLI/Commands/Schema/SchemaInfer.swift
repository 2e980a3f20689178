import ArgumentParser
import Foundation
import LoamIngest
import LoamSchema

struct SchemaInfer: LoamCommand {
  static let configuration = CommandConfiguration(
    commandName: "infer", abstract: "Guess a first schema from the first records of a file.",
    discussion: "Prints YAML whose comments say what each guess rests on. Read it before you ingest.")

  @Argument(help: "A log, plain or compressed with gzip or zstd.", completion: .file())
  var file: String
  @Option(help: "csv, tsv, jsonl, libsvm or libffm; guessed from the name and the first records where not given.")
  var format: RecordFormat.Kind?
  @Option(help: "One character between fields, where it is not the usual one of the format.")
  var delimiter: String?
  @Flag(inversion: .prefixedNo, help: "Whether the first record names the columns; guessed where not given.")
  var header: Bool?
  @Option(help: "The schema's name; the file's where not given.")
  var name: String?
  @Option(help: "How many records to look at.")
  var records = 1_000
  @Option(name: [.customShort("o"), .customLong("output")], help: "Write the schema to this file instead.")
  var target: String?
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...1_000_000).contains(records) else { throw ValidationError("--records must be 1 to 1,000,000") }
    guard delimiter.map({ $0.utf8.count == 1 }) ?? true else {
      throw ValidationError("--delimiter must be one ASCII character, found '\(delimiter ?? "")'")
    }
  }

  func answer(_ console: Console) throws -> SchemaGuess {
    let kind = try format ?? RecordKindGuess(file).kind
    let raw =
      kind.isDelimited
      ? RecordFormat(kind: kind, delimiter: delimiter, header: false) : RecordFormat(kind: kind)
    let sample = try RecordSampler(Input(file), format: raw, limit: records + 1)
    var (names, rows) = (kind == .jsonl ? sample.header : nil, sample.records)
    if kind.isDelimited {
      let isNamed =
        header ?? (rows.first.map { SchemaInference.isHeader($0, before: Array(rows.dropFirst())) } ?? false)
      names = isNamed ? rows.removeFirst() : nil
    }
    guard !rows.isEmpty else { throw CommandError(.unknownFormat, "\(file) has no records to guess from") }
    let guess = SchemaInference.infer(
      header: names, records: Array(rows.prefix(records)), kind: kind, name: name ?? RecordKindGuess.stem(of: file),
      delimiter: delimiter)
    if let target {
      do { try guess.yaml.write(toFile: target, atomically: true, encoding: .utf8) } catch {
        throw CommandError(.unknownFile, "cannot write \(target): \(error.localizedDescription)")
      }
    }
    return SchemaGuess(
      schema: SchemaReport(guess.schema), yaml: guess.yaml, leftOut: guess.leftOut.map(\.column), file: target)
  }
}

extension RecordFormat.Kind: ExpressibleByArgument {}

struct SchemaGuess: Report {
  var schema: SchemaReport
  var yaml: String
  var leftOut: [String]
  /// Where it was written; nil: only shown.
  var file: String?

  var page: Page {
    guard let file else { return Page(.text(yaml)) }
    var page = schema.page(hint: "read \(file), then: loam init STORE --schema \(file)")
    if !leftOut.isEmpty { page.add(.line("left out: \(leftOut.joined(separator: ", "))")) }
    return page
  }
}

/// What kind of records a file has, from its name, else from its first line.
struct RecordKindGuess {
  let kind: RecordFormat.Kind

  init(_ path: String) throws {
    switch Self.plainName(of: path).split(separator: ".").last.map({ $0.lowercased() }) {
    case "csv", "data": kind = .csv
    case "tsv", "tab": kind = .tsv
    case "jsonl", "ndjson", "json": kind = .jsonl
    case "svm", "libsvm", "libfm": kind = .libsvm
    case "ffm", "libffm": kind = .libffm
    default:
      let lines = try RecordSampler(
        Input(path), format: RecordFormat(kind: .tsv, delimiter: "\n", header: false), limit: 2)
      let first = lines.records.first?.first ?? ""
      kind = first.hasPrefix("{") ? .jsonl : first.contains("\t") ? .tsv : .csv
    }
  }

  static func stem(of path: String) -> String {
    plainName(of: path).split(separator: ".").first.map(String.init) ?? "log"
  }

  /// The file's name without directories and the endings of compression.
  private static func plainName(of path: String) -> String {
    var name = path.split(separator: "/").last.map(String.init) ?? path
    for ending in [".gz", ".zst"] where name.hasSuffix(ending) { name.removeLast(ending.count) }
    return name
  }
}
