import Foundation

/// The peers of lookups, each where it is installed. Their files are read in order into the page cache; the sketch's map,
/// as the limit of Loam's, is in pages of 2 MiB like that of a warmed store.
struct LookupPeers {
  private let options: Options
  private let scratch: String
  private let draws: [Draws]

  init(_ options: Options, scratch: String, draws: [Draws]) {
    (self.options, self.scratch, self.draws) = (options, scratch, draws)
  }

  private func arguments(_ name: String) -> [String] {
    ["\(scratch)/\(name).db", String(options.rows)] + draws.map(\.path)
  }

  /// A peer that gets no input builds its table and ends.
  private func build(_ program: String, _ name: String, warmed: Bool) throws {
    if !FileManager.default.fileExists(atPath: "\(scratch)/\(name).db") {
      note("building \(scratch)/\(name).db")
      try Peer.run([program] + arguments(name))
    }
    // Warmed, it reads the file itself.
    if warmed { try PageCache.drop("\(scratch)/\(name).db") } else { try PageCache.fill("\(scratch)/\(name).db") }
  }

  func sketch() throws -> Peer? {
    guard options.wants("sketch") else { return nil }
    let program = try Peer.compile("sketch", into: scratch)
    try build(program, "sketch", warmed: true)
    return try Peer(
      "sketch", settings: "cc -O3 -march=native, groups of 256, warmed",
      command: ["WARM=1", program] + arguments("sketch"))
  }

  func lmdb(warmed: Bool) throws -> Peer? {
    guard options.wants("lmdb") else { return nil }
    let program = try Peer.compile("lmdb", into: scratch)
    try build(program, "lmdb", warmed: warmed)
    return try Peer(
      "lmdb", settings: "record per ID, batch sorted" + (warmed ? ", warmed" : ""),
      command: (warmed ? ["WARM=1"] : []) + [program] + arguments("lmdb"))
  }

  func torch() throws -> Peer? {
    guard options.wants("torch") else { return nil }
    let python = ProcessInfo.processInfo.environment["PYTHON"] ?? "python3"
    guard (try? Peer.run([python, "-c", "import torch, numpy"])) != nil else {
      note("no peer torch: \(python) has no torch (PYTHON names another Python)")
      return nil
    }
    return try Peer(
      "torch", settings: "nn.functional.embedding, dense indices, 1 thread",
      command: [python, "\(Peer.directory)/torch_embedding.py"] + arguments("torch"))
  }

  func rocksDB() throws -> RocksDB? {
    guard options.wants("rocksdb") else { return nil }
    guard (try? Peer.run(["sh", "-c", "command -v db_bench"])) != nil else {
      note("no peer rocksdb: db_bench is not installed (Debian: rocksdb-tools)")
      return nil
    }
    return try RocksDB(at: "\(scratch)/rocksdb.db", rows: options.rows)
  }
}

/// RocksDB by its own benchmark, a process a round; its block cache is read warm first.
struct RocksDB {
  let version: String
  let settings = "db_bench, MultiGet of 1024, 80 B values, block cache 4 GB, bloom 10"
  private let command: [String]

  init(at path: String, rows: Int) throws {
    command = [
      "db_bench", "--num=\(rows)", "--value_size=80", "--key_size=8", "--threads=1", "--cache_size=4000000000",
      "--bloom_bits=10", "--batch_size=1024", "--compression_type=none", "--disable_wal=1", "--db=\(path)",
    ]
    if !FileManager.default.fileExists(atPath: path) {
      note("building \(path)")
      try Peer.run(command + ["--benchmarks=fillseq"])
    }
    let text = try Peer.run(["sh", "-c", "db_bench --version"])
    version = text.split(whereSeparator: \.isWhitespace).last.map(String.init) ?? ""
  }

  /// Rows a second of MultiGet, by the wall's clock.
  func round() throws -> Double {
    let text = try Peer.run(
      command + ["--use_existing_db=1", "--benchmarks=readrandom,multireadrandom", "--reads=1000000"])
    guard let line = text.split(separator: "\n").last(where: { $0.contains("multireadrandom") }),
      let rate = line.split(separator: " ").split(separator: "ops/sec").first?.last.flatMap({ Double($0) })
    else { throw Failure("db_bench printed no figure") }
    return rate
  }
}
