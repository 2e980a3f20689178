import Foundation

/// Runs benchmarks beside their peers and prints a table, or a JSON line a case.
@main struct Main {
  static let benchmarks: [any Benchmark] = [
    LookupBenchmark(),
    OpenBenchmark(),
    PackBenchmark(),
    ExportBenchmark(),
    ExportBesideBenchmark(),
    PythonBenchmark(),
    IndexBenchmark(),
    UpdateBenchmark(),
    BudgetBenchmark(),
    CommitBenchmark(),
    VersionsBenchmark(),
    ChurnBenchmark(),
    ReadersBenchmark(),
    TimelinesBenchmark(),
    SimilarBenchmark(),
    AsOfBenchmark(),
    JoinBenchmark(),
    FeaturesBenchmark(),
    SQLBenchmark(),
    IngestBenchmark(),
    TrainBenchmark(),
    TrainLRBenchmark(),
    TrainLargeBenchmark(),
    GemmBenchmark(),
  ]

  static func main() throws {
    let options = Options(Array(CommandLine.arguments.dropFirst()), known: benchmarks.map(\.name))
    if let role = options.role { return try Roles.run(role, options) }
    let report = Report(json: options.json)
    for benchmark in benchmarks where options.names.isEmpty || options.names.contains(benchmark.name) {
      report.begin(benchmark, options)
      try benchmark.run(options) { report.add($0) }
      report.end()
    }
  }
}

/// A group of cases over one set of rows.
protocol Benchmark: Sendable {
  var name: String { get }
  /// What is measured, for people.
  var title: String { get }
  func run(_ options: Options, _ add: (Measurement) -> Void) throws
}
