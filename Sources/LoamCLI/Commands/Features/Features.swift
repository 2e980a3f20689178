import ArgumentParser
import LoamIngest
import LoamQuery
import LoamSchema
import LoamStore

struct Features: LoamCommand {
  static let configuration = CommandConfiguration(
    abstract: "Answer a file of requests with a view: the features of each as they were known at its time.",
    discussion: """
      The file has a column for each ID of the view and one for the time. Every answer is made of events before that \
      time, as far as they were known by then. Memory is bounded by --batch-rows, whatever the length of the file.
      """)

  @OptionGroup var place: SnapshotArguments
  @Option(help: "The view's YAML file.", completion: .file())
  var view: String
  @Option(
    parsing: .upToNextOption, help: "One or more files of requests, plain, gzip or zstd; '-' is standard input.",
    completion: .file())
  var entities: [String]
  @Option(name: [.customShort("o"), .customLong("output")], help: "The file to write.", completion: .file())
  var target: String
  @Option(help: "arrow, csv, jsonl or npy; what the output's name ends in, where it is not given.")
  var format: FeatureFormat?
  @Option(help: "csv, tsv or jsonl, where the requests' file does not end in it.")
  var inputFormat: RecordFormat.Kind?
  @Option(help: "Requests that are answered together.")
  var batchRows = 8_192
  @Option(help: "Threads; the output does not depend on it.")
  var threads = 2
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...1_000_000).contains(batchRows) else {
      throw ValidationError("--batch-rows must be 1 to 1,000,000, found \(batchRows)")
    }
    guard (1...256).contains(threads) else { throw ValidationError("--threads must be 1 to 256, found \(threads)") }
    guard !(output.json && target == "-") else {
      throw ValidationError("--json and '--output -' both want standard output: write to a file")
    }
  }

  func answer(_ console: Console) throws -> Featured {
    let view = try FeatureView.parse(yaml: try textFile(self.view), file: self.view)
    let snapshot = try place.snapshot()
    let reader = try ViewReader(snapshot, view)
    let source = try RequestSource(
      snapshot, view, entities, kind: inputFormat ?? Self.kind(of: entities), rows: batchRows)
    let records = RequestRecords(view, reader.layout, spaces: source.spaces)
    let file = try (format ?? FeatureFormat(path: target)).open(target, records.layout, snapshot)
    let progress = console.progress("features \(view.name)", unit: "requests")
    defer { progress.clear() }
    var count = 0
    while let (requests, carry) = try source.next() {
      var rows = [UInt8](repeating: 0, count: requests.count * reader.layout.rowBytes)
      try rows.withUnsafeMutableBytes { try reader.fill(requests, into: $0, threads: threads, releasesPages: true) }
      let bytes = rows.withUnsafeBytes { records.records(requests, carry: carry, rows: $0) }
      try bytes.withUnsafeBytes { try file.write($0, count: requests.count) }
      count += requests.count
      progress.update(count)
    }
    try file.finish(count: count)
    return Featured(
      view: view.name, version: snapshot.record.version, requests: count, features: view.features.map(\.name),
      output: target, seconds: progress.secondsElapsed)
  }

  /// By the first file's name.
  private static func kind(of paths: [String]) -> RecordFormat.Kind {
    var parts = (paths.first ?? "").split(separator: ".")
    if ["gz", "zst"].contains(parts.last ?? "") { parts.removeLast() }
    switch parts.last {
    case "tsv": return .tsv
    case "jsonl", "ndjson": return .jsonl
    default: return .csv
    }
  }
}

struct Featured: Report {
  var view: String
  var version: UInt64
  var requests: Int
  var features: [String]
  var output: String
  var seconds: Double
  var isAnswer: Bool { false }

  /// Nothing where the answers themselves went to standard output.
  var page: Page {
    guard output != "-" else { return Page() }
    var page = Page(
      .title("\(Quantity.count(requests, "request")) answered by the view \(view), version \(version)"))
    page.facts(
      ("written to", output), ("features", "\(features.count)"),
      ("speed", Quantity.rate(Double(requests) / max(seconds, 1e-9), "requests")))
    return page
  }
}
