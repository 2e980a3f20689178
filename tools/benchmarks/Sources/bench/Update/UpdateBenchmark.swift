import Foundation
import LoamStore

/// A trainer's share of the storage: rows by ID, changed in place, and made durable.
struct UpdateBenchmark: Benchmark {
  let name = "update"
  let title = "IDs to slots, gather, Adagrad, scatter; 65,536 distinct rows of 16 f32 a step"

  private static let durableSteps = 50
  /// Memory of a commit's transactions, and its pages in the page cache.
  private static let readyBytes = 1 << 30
  /// After these every block has been copied.
  private static let warmSteps = 8
  private static let slices = 8
  private static let stepsASlice = 5

  func run(_ options: Options, _ add: (Measurement) -> Void) throws {
    let scratch = "\(options.scratch)/update-\(options.rows)"
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    let draws = try Draws.distinct(options.rows, batches: 64, scratch: scratch)
    try BuiltStore.build(at: "\(scratch)/store", UpdateTable.spec, rows: options.rows)
    try inMemory(scratch, draws, options, add)
    try durable(scratch, draws, options, add)
  }

  /// Steps over copies; nothing is published, so the store stays as it was built.
  private func inMemory(_ scratch: String, _ draws: Draws, _ options: Options, _ add: (Measurement) -> Void) throws {
    try PageCache.fill("\(scratch)/store")
    let store = try Store.open(at: "\(scratch)/store", for: .write)
    defer { store.close() }
    var first = Rounds()
    var steady = Rounds()
    let peer = try sketch(scratch, draws, options)
    for round in 0..<options.rounds {
      let table = try UpdateTable(store, draws)
      defer { table.abandon() }
      let seconds = try table.seconds(from: 0, count: 1, untimed: 0, Clock.cpuSeconds)
      first.loam.append(Double(Draws.batch) / seconds)
      // The peer's rows are as they were built in its first round alone.
      if let peer {
        let answer = try peer.round("0 0")
        guard round > 0 || answer[1] == table.sum else {
          throw Failure("Loam gathers \(table.sum), the sketch \(answer)")
        }
      }
      _ = try table.seconds(from: 1, count: Self.warmSteps, Clock.cpuSeconds)
      let result = try Rounds.inTurn(
        1, rows: Self.slices * Self.stepsASlice * Draws.batch, slices: Self.slices,
        loam: { try table.seconds(from: 10 + $0 * (Self.stepsASlice + 1), count: Self.stepsASlice, Clock.cpuSeconds) },
        peer: peer.map { peer in { try peer.round("\(10 + $0 * (Self.stepsASlice + 1)) \(Self.stepsASlice)")[0] } })
      steady.loam += result.loam
      steady.peer += result.peer
    }
    add(Measurement(name, "first step", n: options.rows, unit: "rows/s", first))
    add(Measurement(name, "steady", n: options.rows, unit: "rows/s", steady, .atLeast(12e6), peer))
  }

  private func sketch(_ scratch: String, _ draws: Draws, _ options: Options) throws -> Peer? {
    guard options.wants("sketch") else { return nil }
    let program = try Peer.compile("update_sketch", into: scratch)
    return try Peer(
      "sketch", settings: "cc -O3 -march=native, in memory, groups of 256",
      command: [program, "-", String(options.rows), draws.path])
  }

  /// Steps and one commit that survives a power cut, again and again, by the wall's clock; both sides begin with copies of
  /// what was built.
  private func durable(_ scratch: String, _ draws: Draws, _ options: Options, _ add: (Measurement) -> Void) throws {
    let lmdb = options.wants("lmdb")
    if lmdb, !FileManager.default.fileExists(atPath: "\(scratch)/lmdb.db") {
      note("building \(scratch)/lmdb.db")
      let program = try Peer.compile("update_lmdb", into: scratch)
      try Peer.run([program, "\(scratch)/lmdb.db", String(options.rows), draws.path])
    }
    defer {
      try? FileManager.default.removeItem(atPath: "\(scratch)/store.durable")
      try? FileManager.default.removeItem(atPath: "\(scratch)/lmdb.durable")
    }
    var peer: Peer?
    if lmdb {
      try BuiltStore.copy("\(scratch)/lmdb.db", to: "\(scratch)/lmdb.durable")
      peer = try Peer(
        "lmdb", settings: "record per ID, steps sorted, one transaction, synced",
        command: ["\(scratch)/update_lmdb", "\(scratch)/lmdb.durable", String(options.rows), draws.path])
    }
    // After the peer is ready: the system gives up pages that nobody has mapped for a minute.
    try BuiltStore.copy("\(scratch)/store", to: "\(scratch)/store.durable")
    let store = try Store.open(at: "\(scratch)/store.durable", for: .write)
    defer { store.close() }
    let table = try UpdateTable(store, draws)
    defer { table.abandon() }
    var (first, rounds) = (Rounds(), Rounds())
    for round in 0...options.rounds {
      let rows = Double(Self.durableSteps * Draws.batch)
      SystemPages.makeReady(Self.readyBytes)
      let steps = try table.seconds(from: 0, count: Self.durableSteps, untimed: 0, Clock.wallSeconds)
      let before = Clock.wallSeconds()
      try table.commit()
      let commit = Clock.wallSeconds() - before
      note(String(format: "durable: %.3f s steps, %.3f s commit", steps, commit))
      // The first begins with blocks of which there are no copies yet.
      if round == 0 { first.loam.append(rows / (steps + commit)) } else { rounds.loam.append(rows / (steps + commit)) }
      if let peer {
        SystemPages.makeReady(Self.readyBytes)
        let answer = try peer.round("durable 0 \(Self.durableSteps)")
        guard answer[1] == table.sum else { throw Failure("Loam gathers \(table.sum), liblmdb \(answer[1])") }
        if round == 0 { first.peer.append(rows / answer[0]) } else { rounds.peer.append(rows / answer[0]) }
      }
    }
    add(Measurement(name, "durable, first", n: options.rows, unit: "rows/s", first, nil, peer))
    add(Measurement(name, "durable", n: options.rows, unit: "rows/s", rounds, .ratio(15), peer))
  }
}
