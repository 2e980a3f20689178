import Foundation
import LoamStore

/// A table of eight times the memory that its changes may take, trained through once.
struct BudgetBenchmark: Benchmark {
  let name = "budget"
  let title = "Adagrad on 16 f32, the last put included, with 1/8 of the table's bytes for its changed blocks"

  private static let times = 8
  private static let zipfBatches = 8

  func run(_ options: Options, _ add: (Measurement) -> Void) throws {
    let scratch = "\(options.scratch)/update-\(options.rows)"
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    try BuiltStore.build(at: "\(scratch)/store", UpdateTable.spec, rows: options.rows)
    try BuiltStore.copy("\(scratch)/store", to: "\(scratch)/store.budget")
    let store = try Store.open(at: "\(scratch)/store.budget", for: .write)
    defer {
      store.close()
      try? FileManager.default.removeItem(atPath: "\(scratch)/store.budget")
    }
    let arriving = try Draws.arriving(options.rows, scratch: scratch)
    try measure("every row once", store, arriving, arriving.rows.count / Draws.batch, options, add)
    let zipf = try Draws.zipf(options.rows, exponent: 1.1, scratch: scratch)
    try measure("zipf(1.1)", store, zipf, Self.zipfBatches, options, add)
  }

  private func measure(
    _ variant: String, _ store: Store, _ draws: Draws, _ batches: Int, _ options: Options,
    _ add: (Measurement) -> Void
  ) throws {
    let tableBytes = options.rows * 2 * UpdateTable.width * 4
    let budget = tableBytes / Self.times
    var (within, without, memory, bytes) = (Rounds(), Rounds(), Rounds(), Rounds())
    for _ in 0..<options.rounds {
      let free = try UpdateTable(store, draws)
      without.loam.append(try rate(free, batches))
      free.abandon()
      let table = try UpdateTable(store, draws, budget: budget)
      let before = try DiskWrites.bytes()
      let most = try AnonymousMemory.most { within.loam.append(try rate(table, batches)) }
      table.abandon()
      memory.loam.append(Double(most) / Double(budget))
      bytes.loam.append(Double(try DiskWrites.bytes() - before) / Double(tableBytes))
    }
    add(Measurement(name, "\(variant), no budget", n: options.rows, unit: "rows/s", without))
    add(Measurement(name, variant, n: options.rows, unit: "rows/s", within))
    add(Measurement(name, "\(variant), memory", n: options.rows, unit: "of the budget", memory, .atMost(1.15)))
    add(Measurement(name, "\(variant), written", n: options.rows, unit: "of the table", bytes))
  }

  /// Rows a second, the last put included. The table is given up afterwards, so that the store stays as it was.
  private func rate(_ table: UpdateTable, _ batches: Int) throws -> Double {
    let start = Clock.wallSeconds()
    for first in 0..<batches { _ = try table.seconds(from: first, count: 1, untimed: 0, Clock.wallSeconds) }
    try table.put()
    return Double(batches * Draws.batch) / (Clock.wallSeconds() - start)
  }
}
