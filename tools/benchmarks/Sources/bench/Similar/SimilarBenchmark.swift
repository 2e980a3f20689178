import Foundation
import LoamQuery
import LoamStore

/// Exact neighbours by cosine among vectors of 64 f32, from a store in the page cache.
struct SimilarBenchmark: Benchmark {
  let name = "similar"
  let title = "exact 10 nearest by cosine among vectors of 64 f32"

  private static let width = 64
  private static let neighbours = 10
  /// Queries of a round: in batches of 64; alone by codes of 8 bits held in memory, and from the store as it lies.
  private static let variants: [(name: String, batch: Int, queries: Int, byCodes: Bool, aim: Double?)] = [
    ("batches of 64", 64, 256, false, 1), ("single, codes in memory", 1, 8, true, 1 / 1.3),
    ("single", 1, 8, false, nil),
  ]

  func run(_ options: Options, _ add: (Measurement) -> Void) throws {
    let rows = min(options.rows, 1_000_000)
    let scratch = "\(options.scratch)/similar-\(rows)"
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    let table = try SimilarTable(at: scratch, rows: rows, width: Self.width, queries: 256)
    let peer = try faiss(options, table)
    for variant in Self.variants {
      let rounds = try Rounds.inTurn(
        options.rounds,
        loam: {
          try table.rate(
            variant.queries, batch: variant.batch, best: Self.neighbours, byCodes: variant.byCodes)
        },
        peer: peer.map { peer in { try rate(peer, table, variant.queries, batch: variant.batch) } })
      let ratio = rounds.ratio(lowerIsBetter: false)
      add(
        Measurement(
          benchmark: name, variant: variant.name, n: rows, unit: "queries/s", loam: Rounds.median(rounds.loam),
          spread: rounds.spread, peer: peer?.name, peerVersion: peer?.version, peerSettings: peer?.settings,
          peerValue: rounds.peer.isEmpty ? nil : Rounds.median(rounds.peer), ratio: ratio,
          limit: peer == nil ? nil : variant.aim,
          ofLimit: ratio.flatMap { ratio in variant.aim.map { ratio / $0 } }))
    }
    add(
      Measurement(
        name, "codes made", n: rows, unit: "s", Rounds(loam: [table.codesSeconds]), lowerIsBetter: true))
  }

  private func faiss(_ options: Options, _ table: SimilarTable) throws -> Peer? {
    guard options.wants("faiss") else { return nil }
    let python = ProcessInfo.processInfo.environment["PYTHON"] ?? "python3"
    guard (try? Peer.run([python, "-c", "import faiss, numpy"])) != nil else {
      note("no peer faiss: \(python) has no faiss (PyPI: faiss-cpu; PYTHON names another Python)")
      return nil
    }
    return try Peer(
      "faiss", settings: "IndexFlatIP, vectors of length one, 1 thread",
      command: [
        python, "\(Peer.directory)/faiss_flat.py", table.vectorsPath, table.queriesPath, String(Self.width),
        String(Self.neighbours),
      ])
  }

  /// Queries a second; both sides must find the same rows.
  private func rate(_ peer: Peer, _ table: SimilarTable, _ queries: Int, batch: Int) throws -> Double {
    var seconds = 0.0
    for first in stride(from: 0, to: queries, by: batch) {
      let answer = try peer.round("\(first) \(batch)")
      seconds += answer[0]
      guard Set(answer.dropFirst().map { UInt64($0) }) == table.found[first] else {
        throw Failure("query \(first): \(peer.name) found \(answer.dropFirst()), Loam \(table.found[first] ?? [])")
      }
    }
    return Double(queries) / seconds
  }
}

/// The vectors, as a table whose IDs are row numbers and as a file.
final class SimilarTable {
  let vectorsPath: String
  let queriesPath: String
  private let queries: [Float]
  private let reader: EmbeddingReader
  private let codes: NearestCodes
  /// That making them took.
  let codesSeconds: Double
  private let width: Int
  /// IDs that the first query of each batch found.
  private(set) var found: [Int: Set<UInt64>] = [:]

  init(at scratch: String, rows: Int, width: Int, queries count: Int) throws {
    self.width = width
    vectorsPath = "\(scratch)/vectors"
    queriesPath = "\(scratch)/queries"
    queries = Self.vectors(count, width: width, seed: 2)
    let path = "\(scratch)/store"
    if !FileManager.default.fileExists(atPath: path) {
      note("building \(path)")
      let vectors = Self.vectors(rows, width: width, seed: 1)
      for (values, file) in [(vectors, vectorsPath), (queries, queriesPath)] {
        try values.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: file)) }
      }
      try Self.fill(path + ".partial", vectors, width: width)
      try FileManager.default.moveItem(atPath: path + ".partial", toPath: path)
    }
    let store = try Store.open(at: path, for: .read)
    reader = try EmbeddingReader(try store.snapshot(), model: "bench", space: "similar")!
    let start = Clock.cpuSeconds()
    codes = try NearestCodes(reader)
    codesSeconds = Clock.cpuSeconds() - start
  }

  private static func vectors(_ count: Int, width: Int, seed: UInt64) -> [Float] {
    var random = Random(seed)
    return (0..<count * width).map { _ in Float(random.unit() + random.unit() - 1) }
  }

  private static func fill(_ path: String, _ vectors: [Float], width: Int) throws {
    try? FileManager.default.removeItem(atPath: path)
    let store = try Store.create(at: path)
    defer { store.close() }
    let spec = TableSpec(
      TableName(.embedding, "bench/similar"), columns: [ColumnSpec("vector", .f32, width: width)])
    let write = try store.begin([spec])
    let table = try IDTableWriter(write, spec)
    for row in 0..<vectors.count / width {
      let out = try table.mutableRow(0, table.findOrInsert(UInt64(row))).assumingMemoryBound(to: Float.self)
      for element in 0..<width { out[element] = vectors[row * width + element] }
    }
    try table.flush()
    try write.publish()
  }

  /// Queries a second.
  func rate(_ count: Int, batch: Int, best: Int, byCodes: Bool) throws -> Double {
    var seconds = 0.0
    for first in stride(from: 0, to: count, by: batch) {
      let asked = Array(queries[first * width..<(first + batch) * width])
      let start = Clock.cpuSeconds()
      let answer =
        try byCodes ? [codes.nearest(to: asked, count: best)] : reader.nearest(to: asked, count: best)
      seconds += Clock.cpuSeconds() - start
      found[first] = Set(answer[0].map(\.id))
    }
    return Double(count) / seconds
  }
}
