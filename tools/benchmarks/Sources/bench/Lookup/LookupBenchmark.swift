import Foundation
import LoamStore

/// Rows by 64-bit ID from a store in the page cache.
struct LookupBenchmark: Benchmark {
  let name = "lookup"
  let title = "rows of 16 f32 by random 64-bit ID, store warmed"

  /// What the ratio to each peer is to reach, by variant.
  private static let aims: [String: [String: Double]] = [
    "uniform": ["sketch": 0.9, "torch": 0.45, "lmdb": 18, "rocksdb": 80],
    "zipf(1.1)": ["sketch": 0.9, "torch": 0.9],
  ]

  /// Turns that Loam and a peer take in a round.
  private static let slices = 8

  func run(_ options: Options, _ add: (Measurement) -> Void) throws {
    let scratch = "\(options.scratch)/lookup-\(options.rows)"
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    try LookupTable.build(at: "\(scratch)/store", rows: options.rows)
    let draws = [
      try Draws.uniform(options.rows, scratch: scratch),
      try Draws.zipf(options.rows, exponent: 1.1, scratch: scratch),
    ]
    try warmed("\(scratch)/store", draws[0], options, add)
    try opening("\(scratch)/store", options, add)

    let store = try Store.open(at: "\(scratch)/store", for: .read)
    let mapped = try LookupTable(store)
    let copied = try LookupTable(store, .copied)
    let rounds = try draws.map { (try LookupRounds(mapped, $0), try LookupRounds(copied, $0)) }
    let peers = LookupPeers(options, scratch: scratch, draws: draws)
    // One peer at a time, so that it has the memory and the cache that a user's would have.
    var alone = true
    for open in [peers.sketch, peers.torch, { try peers.lmdb(warmed: false) }] {
      guard let peer = try open() else { continue }
      alone = false
      for (mapped, copied) in rounds {
        try batched(mapped.draws.name, mapped, peer, options, add)
        try batched("\(mapped.draws.name) copied", copied, peer, options, add)
      }
      if peer.name != "torch" { try oneByOne("one by one", rounds[0].0, peer, options, add) }
      if peer.name == "sketch" {
        try oneByOne("one by one copied", rounds[0].1, peer, options, add)
        try loads(rounds[0].0, peer, options, add)
      }
    }
    if let peer = try peers.lmdb(warmed: true) {
      for (mapped, _) in rounds { try batched("\(mapped.draws.name), both warmed", mapped, peer, options, add) }
    }
    if let rocks = try peers.rocksDB() {
      alone = false
      let result = try Rounds.inTurn(options.rounds, loam: rounds[0].0.batched, peer: rocks.round)
      add(measurement("uniform", options, result, ("rocksdb", rocks.version, rocks.settings)))
    }
    if alone {
      for (mapped, copied) in rounds {
        try batched(mapped.draws.name, mapped, nil, options, add)
        try batched("\(mapped.draws.name) copied", copied, nil, options, add)
      }
      try oneByOne("one by one", rounds[0].0, nil, options, add)
      try oneByOne("one by one copied", rounds[0].1, nil, options, add)
    }
    try onTwoThreads(rounds[0].0, options, add)
    try severalTables(scratch, options, add)
    try patched(scratch, rounds[0].0, options, add)
  }

  /// Rows in patches, and the same folded, against the table before it was patched.
  private func patched(_ scratch: String, _ plain: LookupRounds, _ options: Options, _ add: (Measurement) -> Void)
    throws
  {
    try LookupTable.buildPatched(from: "\(scratch)/store", at: "\(scratch)/patched", rows: options.rows)
    try LookupTable.buildFolded(from: "\(scratch)/patched", at: "\(scratch)/folded")
    for (variant, settings, limit) in [
      ("patched", "16 patches a block, 35 % of the rows", 0.7), ("folded", "the same, folded", 0.95),
    ] {
      _ = try Store.warm(at: "\(scratch)/\(variant)")
      let store = try Store.open(at: "\(scratch)/\(variant)", for: .read)
      do {
        let round = try LookupRounds(try LookupTable(store), plain.draws)
        let slice = Draws.batches / Self.slices
        let result = try Rounds.inTurn(
          options.rounds, rows: Self.slices * (slice - 1) * Draws.batch, slices: Self.slices,
          loam: { try round.seconds(from: $0 * slice, count: slice - 1) },
          peer: { try plain.seconds(from: $0 * slice, count: slice - 1) })
        add(measurement(variant, options, result, ("loam", "", "unpatched, beside: \(settings)"), limit: limit))
      }
      store.close()
    }
  }

  private func measurement(
    _ variant: String, _ options: Options, _ rounds: Rounds, _ peer: (name: String, version: String, settings: String)?,
    unit: String = "rows/s", threads: Int = 1, limit: Double? = nil
  ) -> Measurement {
    let ratio = rounds.ratio(lowerIsBetter: unit != "rows/s")
    // The words after the first say how Loam was set, not what was asked for.
    let asked = variant.split(separator: " ").first.map(String.init) ?? variant
    let limit = limit ?? peer.flatMap { Self.aims[asked]?[$0.name] }
    return Measurement(
      benchmark: name, variant: variant, threads: threads, n: options.rows, unit: unit,
      loam: Rounds.median(rounds.loam), spread: rounds.spread, peer: peer?.name, peerVersion: peer?.version,
      peerSettings: peer?.settings, peerValue: rounds.peer.isEmpty ? nil : Rounds.median(rounds.peer), ratio: ratio,
      limit: limit, ofLimit: limit.flatMap { limit in ratio.map { $0 / limit } })
  }

  private func batched(
    _ variant: String, _ round: LookupRounds, _ peer: Peer?, _ options: Options, _ add: (Measurement) -> Void
  ) throws {
    let slice = Draws.batches / Self.slices
    let result = try Rounds.inTurn(
      options.rounds, rows: Self.slices * (slice - 1) * Draws.batch, slices: Self.slices,
      loam: { try round.seconds(from: $0 * slice, count: slice - 1) },
      peer: peer.map { peer in { try peer.round("\(round.draws.name) \($0 * slice) \(slice - 1)")[0] } })
    add(measurement(variant, options, result, peer.map { ($0.name, $0.version, $0.settings) }))
  }

  private func oneByOne(
    _ variant: String, _ round: LookupRounds, _ peer: Peer?, _ options: Options, _ add: (Measurement) -> Void
  ) throws {
    var median = Rounds()
    var p99 = Rounds()
    for _ in 0..<options.rounds {
      let own = try round.ones()
      median.loam.append(own.median)
      p99.loam.append(own.p99)
      guard let other = try peer?.round("one \(round.draws.name)") else { continue }
      median.peer.append(other[0])
      p99.peer.append(other[1])
    }
    let description = peer.map { ($0.name, $0.version, "one get at a time") }
    add(measurement("\(variant) p50", options, median, description, unit: "ns"))
    add(measurement("\(variant) p99", options, p99, description, unit: "ns"))
  }

  /// One ID at a time against the two loads that it cannot do without, the second one's address known from the first.
  private func loads(_ round: LookupRounds, _ peer: Peer, _ options: Options, _ add: (Measurement) -> Void) throws {
    var result = Rounds()
    for _ in 0..<options.rounds {
      result.loam.append(try round.ones().median)
      result.peer.append(try peer.round("loads \(round.draws.name)")[0])
    }
    let description = (peer.name, peer.version, "two dependent loads of its mapped file and nothing else")
    add(measurement("one by one, loads p50", options, result, description, unit: "ns"))
  }

  /// A process that begins on a warmed store against one whose first lookups brought the pages in. Not in turn: the page
  /// cache holds a file in one way at a time.
  private func warmed(_ path: String, _ draws: Draws, _ options: Options, _ add: (Measurement) -> Void) throws {
    func rates(_ prepare: () throws -> Void) throws -> [Double] {
      try prepare()
      let store = try Store.open(at: path, for: .read)
      defer { store.close() }
      let round = try LookupRounds(try LookupTable(store), draws)
      return try (0..<options.rounds).map { _ in try round.batched() }
    }
    var result = Rounds()
    result.peer = try rates { try PageCache.drop(path) }
    result.loam = try rates { _ = try Store.warm(at: path) }
    add(measurement("uniform, warmed", options, result, ("loam", "", "pages faulted in by random lookups"), limit: 1.2))
  }

  /// Threads inside a call against one thread of the same call, by the wall's clock.
  private func onTwoThreads(_ round: LookupRounds, _ options: Options, _ add: (Measurement) -> Void) throws {
    let slice = Draws.batches / Self.slices
    let result = try Rounds.inTurn(
      options.rounds, rows: Draws.batches * Draws.batch, slices: Self.slices,
      loam: { try round.seconds(from: $0 * slice, count: slice, threads: 2) },
      peer: { try round.seconds(from: $0 * slice, count: slice, threads: 1) })
    add(measurement("threads 2", options, result, ("loam", "", "one thread"), threads: 2, limit: 1.7))
  }

  /// Several tables in one call against a call a table: batches, and one ID of each.
  private func severalTables(_ scratch: String, _ options: Options, _ add: (Measurement) -> Void) throws {
    let tables = try SeveralTables(at: "\(scratch)/tables", rows: options.rows / 100)
    for (variant, ids, threads, limit) in [
      ("tables", 2_048, 1, 0.95), ("tables, one ID each", 1, 1, 1), ("tables threads 2", 2_048, 2, 1.7),
    ] {
      let requests = try TableRequests(tables, ids: ids)
      _ = try (requests.together(), requests.oneByOne())
      let calls = 1 << 20 / (ids * SeveralTables.count)
      let rows = calls * ids * SeveralTables.count * Self.slices
      let result = try Rounds.inTurn(
        options.rounds, rows: rows, slices: Self.slices,
        loam: { _ in try requests.seconds(calls) { try requests.together(threads: threads) } },
        peer: { _ in try requests.seconds(calls) { try requests.oneByOne() } })
      let settings = "\(SeveralTables.count) tables, a call each, \(ids == 1 ? "one ID" : "\(ids) IDs"), one thread"
      add(measurement(variant, options, result, ("loam", "", settings), threads: threads, limit: limit))
    }
  }

  /// The store opened, the latest version's table, one row read.
  private func opening(_ path: String, _ options: Options, _ add: (Measurement) -> Void) throws {
    var result = Rounds()
    for _ in 0..<options.rounds + 1 {
      let start = Clock.cpuSeconds()
      let store = try Store.open(at: path, for: .read)
      do {
        let table = try LookupTable(store)
        var row = [Float](repeating: 0, count: LookupTable.width)
        let found = try row.withUnsafeMutableBytes {
          try table.reader.lookup(Draws.id(0), column: 0, into: $0.baseAddress!)
        }
        guard found, row[15] == 0 else { throw Failure("the first row is wrong") }
        result.loam.append((Clock.cpuSeconds() - start) * 1e3)
      }
      store.close()
    }
    // The first is of a process that has done nothing yet.
    result.loam.removeFirst()
    add(measurement("open", options, result, nil, unit: "ms"))
  }
}
