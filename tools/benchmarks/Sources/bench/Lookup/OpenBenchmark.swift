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
    try moveOn("\(scratch)/store", options, add)

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

  /// A reader of a new snapshot and its first batches, after one that knows the table and made anew.
  private func moveOn(_ path: String, _ options: Options, _ add: (Measurement) -> Void) throws {
    let store = try Store.open(at: path, for: .read)
    defer { store.close() }
    var random = Random(5)
    let ids = (0..<16 * 1_024).map { _ in Draws.id(UInt32(random.below(options.rows))) }
    let out = UnsafeMutableRawBufferPointer.allocate(byteCount: 1_024 * VectorTable.rowBytes, alignment: 64)
    defer { out.deallocate() }
    func seconds(after older: IDTableReader?) throws -> Double {
      let start = Clock.wallSeconds()
      let table = try IDTableReader(try store.snapshot(), VectorTable.name, after: older)!
      for batch in 0..<16 {
        try ids[batch * 1_024..<(batch + 1) * 1_024].withUnsafeBufferPointer {
          try table.lookup($0, column: 0, into: out)
        }
      }
      return Clock.wallSeconds() - start
    }
    let older = try IDTableReader(try store.snapshot(), VectorTable.name)!
    for row in 0..<UInt32(options.rows) {
      _ = try older.lookup(Draws.id(row), column: 0, into: out.baseAddress!)
    }
    var result = Rounds()
    for _ in 0..<options.rounds {
      result.loam.append(try seconds(after: older) * 1e3)
      result.peer.append(try seconds(after: nil) * 1e3)
    }
    var measurement = Measurement(name, "moving on", n: options.rows, unit: "ms", result)
    (measurement.peer, measurement.peerSettings) = ("loam", "a reader made anew; 16 batches of 1,024 rows each")
    measurement.peerValue = Rounds.median(result.peer)
    measurement.ratio = result.ratio(lowerIsBetter: true)
    add(measurement)
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
