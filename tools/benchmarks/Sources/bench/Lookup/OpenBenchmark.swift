import Foundation
import LoamSchema
import LoamStore

/// From a closed store to the first row.
struct OpenBenchmark: Benchmark {
  let name = "open"
  let title = "a store opened, its latest version's table, one row by ID"

  func run(_ options: Options, _ add: (Measurement) -> Void) throws {
    let scratch = "\(options.scratch)/commit-\(options.rows)"
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    try BuiltStore.build(at: "\(scratch)/store", VectorTable.spec, rows: options.rows)
    try PageCache.fill("\(scratch)/store")
    try measure("page cache warm", "\(scratch)/store", options, add)

    // Of many tables one is opened: what a store costs that holds a model of many spaces.
    let path = "\(scratch)/tables"
    try BuiltStore.copy("\(scratch)/store", to: path)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let store = try Store.open(at: path, for: .write)
    let others = (0..<200).map { number in
      TableSpec(
        TableName(.embedding, "bench/other-\(number)"), columns: (0..<8).map { ColumnSpec("column-\($0)", .f32) })
    }
    try store.begin(others).publish()
    store.close()
    try measure("one of 201 tables", path, options, add)
  }

  private func measure(
    _ variant: String, _ path: String, _ options: Options, _ add: (Measurement) -> Void
  ) throws {
    var result = Rounds()
    // The first is of a process that has done nothing yet.
    for round in 0..<options.rounds + 1 {
      let start = Clock.wallSeconds()
      let store = try Store.open(at: path, for: .read)
      let table = try IDTableReader(try store.snapshot(), VectorTable.name)!
      var row = [Float](repeating: -1, count: VectorTable.width)
      let found = try row.withUnsafeMutableBytes { try table.lookup(Draws.id(7), column: 0, into: $0.baseAddress!) }
      let seconds = Clock.wallSeconds() - start
      guard found, row == [Float](repeating: 7, count: VectorTable.width) else { throw Failure("the row is wrong") }
      store.close()
      if round > 0 { result.loam.append(seconds * 1e3) }
    }
    add(Measurement(name, variant, n: options.rows, unit: "ms", result, .atMost(20)))
  }
}
