import Foundation
import LoamStore

/// The size of a store's files while versions come and go.
struct ChurnBenchmark: Benchmark {
  let name = "churn"
  let title = "file bytes after 1,000 commits of 3 % of the rows by Zipf(1.1) draws, the last 3 versions kept"

  private static let commits = 1_000
  private static let keepLast = 3

  func run(_ options: Options, _ add: (Measurement) -> Void) throws {
    let scratch = "\(options.scratch)/commit-\(options.rows)"
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    try BuiltStore.build(at: "\(scratch)/store", VectorTable.spec, rows: options.rows)
    let path = "\(scratch)/churn"
    try BuiltStore.copy("\(scratch)/store", to: path)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let live = Double(BuiltStore.bytes(path))
    let table = try VectorTable(at: path, rows: options.rows, keepLast: Self.keepLast)
    defer { table.close() }
    var draws = ZipfRows(options.rows, seed: 6)
    let count = options.rows * 3 / 100
    var sizes = [1.0]
    var milliseconds = Rounds()
    for _ in 0..<Self.commits {
      try table.change(draws.distinct(count))
      let start = Clock.wallSeconds()
      try table.commit()
      milliseconds.loam.append((Clock.wallSeconds() - start) * 1e3)
      try table.goOn()
      sizes.append(Double(BuiltStore.bytes(path)) / live)
    }
    add(Measurement(name, "file", n: options.rows, unit: "x live", Rounds(loam: [sizes.last!]), .atMost(2.5)))
    // A plateau: the second half of the commits adds next to nothing.
    let grown = sizes.last! / sizes[Self.commits / 2]
    add(Measurement(name, "second half", n: options.rows, unit: "x first", Rounds(loam: [grown]), .atMost(1.05)))
    add(Measurement(name, "commit", n: count, unit: "ms", milliseconds))
    if let plots = options.plots {
      let plot = LinePlot(
        title: "File bytes over 1,000 commits of 3 % of \(options.rows) rows, keep-last-3",
        across: "commits", up: "times the bytes of one version", bar: 2.5, values: sizes)
      try plot.svg.write(toFile: "\(plots)/churn.svg", atomically: true, encoding: .utf8)
    }
  }
}
