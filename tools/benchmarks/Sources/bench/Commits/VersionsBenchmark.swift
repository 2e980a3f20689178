import Foundation
import LoamStore

/// What many kept versions cost, and what is done with them.
struct VersionsBenchmark: Benchmark {
  let name = "versions"
  let title = "100 kept versions, each 3 % of the rows by Zipf(1.1) draws"

  private static let versions = 100

  func run(_ options: Options, _ add: (Measurement) -> Void) throws {
    let scratch = "\(options.scratch)/commit-\(options.rows)"
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    try BuiltStore.build(at: "\(scratch)/store", VectorTable.spec, rows: options.rows)
    let path = "\(scratch)/versions"
    try BuiltStore.copy("\(scratch)/store", to: path)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let one = BuiltStore.bytes(path)
    let table = try VectorTable(at: path, rows: options.rows, keepLast: Self.versions)
    defer { table.close() }
    var draws = ZipfRows(options.rows, seed: 5)
    let count = options.rows * 3 / 100
    for _ in 1..<Self.versions {
      try table.change(draws.distinct(count))
      try table.commit()
      try table.goOn()
    }
    let kept = try table.store.versions()
    guard kept.count == Self.versions else { throw Failure("\(kept.count) versions are kept") }
    let bytes = Double(BuiltStore.bytes(path)) / Double(one)
    add(
      Measurement(name, "100 kept", n: options.rows, unit: "x of one", Rounds(loam: [bytes]), .atMost(10)))
    try names(table.store, kept, options, add)
    try delta(table.store, kept, scratch, count, options, add)
  }

  private func names(
    _ store: Store, _ kept: [VersionRecord], _ options: Options, _ add: (Measurement) -> Void
  ) throws {
    var (alias, tag) = (Rounds(), Rounds())
    for round in 0..<options.rounds {
      try store.setAlias("serving", to: .number(kept.last!.version))
      var start = Clock.wallSeconds()
      try store.setAlias("serving", to: .number(kept[round].version))
      alias.loam.append((Clock.wallSeconds() - start) * 1e3)
      start = Clock.wallSeconds()
      try store.tag(.number(kept[round].version), as: "bench-\(round)")
      tag.loam.append((Clock.wallSeconds() - start) * 1e3)
    }
    add(Measurement(name, "alias moved back", n: kept.count, unit: "ms", alias, .atMost(10)))
    add(Measurement(name, "tag", n: kept.count, unit: "ms", tag, .atMost(10)))
  }

  /// A delta of one version beside all IDs and vectors.
  private func delta(
    _ store: Store, _ kept: [VersionRecord], _ scratch: String, _ count: Int, _ options: Options,
    _ add: (Measurement) -> Void
  ) throws {
    let directory = "\(scratch)/delta"
    try? FileManager.default.removeItem(atPath: directory)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let (older, newer) = (kept[kept.count - 2].version, kept[kept.count - 1].version)
    _ = try Delta.export(
      from: try store.snapshot(at: .number(older)), to: try store.snapshot(at: .number(newer)), into: directory)
    let bytes = try FileManager.default.contentsOfDirectory(atPath: directory).reduce(0) { sum, name in
      sum + (try FileManager.default.attributesOfItem(atPath: "\(directory)/\(name)")[.size] as! NSNumber).intValue
    }
    let all = options.rows * (VectorTable.rowBytes + MemoryLayout<UInt64>.size)
    var result = Measurement(
      name, "delta", n: count, unit: "bytes", Rounds(loam: [Double(bytes)], peer: [Double(all)]), .ratio(20),
      lowerIsBetter: true)
    (result.peer, result.peerSettings) = ("file", "all IDs and vectors, as a full export has them")
    add(result)
  }
}
