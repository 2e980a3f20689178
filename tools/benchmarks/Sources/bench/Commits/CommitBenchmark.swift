import Foundation
import LoamStore

/// What a version costs: time and bytes from changed rows in memory to a commit that survives a power cut.
struct CommitBenchmark: Benchmark {
  let name = "commit"
  let title = "rows of 16 f32 changed and published, fsync included"

  private static let foldedCommits = 50
  /// Memory of a commit's transactions, and its pages in the page cache.
  private static let readyTimes = 3

  func run(_ options: Options, _ add: (Measurement) -> Void) throws {
    let scratch = "\(options.scratch)/commit-\(options.rows)"
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    try BuiltStore.build(at: "\(scratch)/store", VectorTable.spec, rows: options.rows)
    defer { try? FileManager.default.removeItem(atPath: "\(scratch)/changed") }

    let quarter = options.rows / 4
    try speed("25 % in a row", scratch, options, add) { round in
      (0..<quarter).map { UInt32((round % 4) * quarter + $0) }
    }
    try speed("25 % scattered", scratch, options, add) { round in
      (0..<quarter).map { UInt32($0 * 4 + round % 4) }
    }
    try bytes(scratch, options, add)
  }

  private func table(_ scratch: String, _ options: Options) throws -> VectorTable {
    try BuiltStore.copy("\(scratch)/store", to: "\(scratch)/changed")
    return try VectorTable(at: "\(scratch)/changed", rows: options.rows)
  }

  /// Payload bytes a second, beside one file of as many bytes.
  private func speed(
    _ variant: String, _ scratch: String, _ options: Options, _ add: (Measurement) -> Void,
    rows: (Int) -> [UInt32]
  ) throws {
    let table = try table(scratch, options)
    defer { table.close() }
    var rounds = Rounds()
    for round in 0..<options.rounds {
      let changed = rows(round)
      try table.change(changed)
      let bytes = changed.count * VectorTable.rowBytes
      SystemPages.makeReady(Self.readyTimes * bytes)
      let start = Clock.wallSeconds()
      try table.commit()
      let seconds = Clock.wallSeconds() - start
      try table.goOn()
      rounds.loam.append(Double(bytes) / seconds)
      if options.wants("file") {
        SystemPages.makeReady(Self.readyTimes * bytes)
        rounds.peer.append(Double(bytes) / (try DiskWrites.seconds(ofFile: "\(scratch)/file", bytes: bytes)))
      }
    }
    var result = Measurement(name, variant, n: options.rows, unit: "bytes/s", rounds, .ratio(0.6))
    result.threads = 2
    if options.wants("file") { (result.peer, result.peerSettings) = ("file", "one file of the rows' bytes, fsync") }
    add(result)
  }

  /// Bytes written for each byte of changed rows.
  private func bytes(_ scratch: String, _ options: Options, _ add: (Measurement) -> Void) throws {
    let table = try table(scratch, options)
    defer { table.close() }
    var draws = ZipfRows(options.rows, seed: 4)
    let count = options.rows * 3 / 100
    var ratios: [Double] = []
    for _ in 0..<Self.foldedCommits {
      try table.change(draws.distinct(count))
      let before = try DiskWrites.bytes()
      try table.commit()
      ratios.append(Double(try DiskWrites.bytes() - before) / Double(count * VectorTable.rowBytes))
      try table.goOn()
    }
    let unit = "bytes/byte"
    add(Measurement(name, "3 % zipf", n: options.rows, unit: unit, Rounds(loam: Array(ratios.prefix(5))), .atMost(3)))
    let mean = ratios.reduce(0, +) / Double(ratios.count)
    add(Measurement(name, "3 % zipf x 50", n: options.rows, unit: unit, Rounds(loam: [mean]), .atMost(6)))
  }
}
