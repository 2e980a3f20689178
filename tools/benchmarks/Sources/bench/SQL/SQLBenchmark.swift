import Foundation
import LoamSQL
import LoamStore
import SQLite

/// One row by its ID through SQLite: the vector, and the norm that is computed from it.
struct SQLBenchmark: Benchmark {
  let name = "sql"
  let title = "a row of 16 f32 by its ID in SQL, store in the page cache; p50 and p99 of a query"

  private static let queries = 5_000
  private static let aim = 1_000.0

  private struct Case {
    var variant: String
    var text: String
    /// The statement is made once, and asked with another ID each time.
    var isPrepared: Bool
  }
  private static let cases = [
    Case(
      variant: "prepared", text: "SELECT vector, norm FROM embedding_bench_lookup WHERE number = ?", isPrepared: true),
    Case(
      variant: "from text", text: "SELECT vector, norm FROM embedding_bench_lookup WHERE number = ", isPrepared: false),
  ]

  func run(_ options: Options, _ add: (Measurement) -> Void) throws {
    let scratch = "\(options.scratch)/lookup-\(options.rows)"
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    try LookupTable.build(at: "\(scratch)/store", rows: options.rows)
    let store = try Store.open(at: "\(scratch)/store", for: .read)
    defer { store.close() }
    try PageCache.fill("\(scratch)/store")
    let database = try SQLiteDatabase()
    let connection = try StoreConnection(database.handle, functions: SQLiteDatabase.functions)
    try connection.attach(try store.snapshot())
    var random = Random(4)
    for one in Self.cases {
      // The first round touches what all queries touch.
      _ = try Self.ask(database, one, options.rows, &random)
      var (halves, tails) = (Rounds(), Rounds())
      for _ in 0..<options.rounds {
        let took = try Self.ask(database, one, options.rows, &random).sorted()
        halves.loam.append(took[took.count / 2])
        tails.loam.append(took[took.count * 99 / 100])
      }
      for (part, rounds) in [("p50", halves), ("p99", tails)] {
        add(
          Measurement(
            name, "\(one.variant), \(part)", n: options.rows, unit: "us", rounds, .atMost(Self.aim),
            lowerIsBetter: true))
      }
    }
  }

  /// Microseconds of each query; every answer is checked.
  private static func ask(_ database: SQLiteDatabase, _ one: Case, _ rows: Int, _ random: inout Random) throws
    -> [Double]
  {
    let prepared = one.isPrepared ? try database.prepare(one.text) : nil
    return try (0..<queries).map { _ in
      let row = UInt32(random.below(rows))
      let number = Int64(bitPattern: Draws.id(row))
      let start = Clock.wallSeconds()
      let statement: SQLiteStatement
      if let prepared {
        prepared.reset()
        try prepared.bind(.integer(number), at: 1)
        statement = prepared
      } else {
        statement = try database.prepare(one.text + "\(number)")
      }
      guard try statement.step(), case .blob(let vector) = statement[0], case .real(let norm) = statement[1] else {
        throw Failure("row \(row) is not found")
      }
      let seconds = Clock.wallSeconds() - start
      let first = vector.withUnsafeBytes { $0.loadUnaligned(as: Float.self) }
      guard first == Float(row), vector.count == 4 * LookupTable.width, abs(norm - 4 * Double(row)) <= 1e-6 * norm
      else {
        throw Failure("row \(row) reads as \(first), norm \(norm)")
      }
      return seconds * 1e6
    }
  }
}
