import Glibc
import LoamSchema
import LoamStore

/// Work on a store in a process of its own, which tests kill, starve of its disk, or record.
///
/// ```
/// StoreWorkload grow STORE SHARDS VERSIONS SEED   makes the store where there is none, then publishes versions
/// StoreWorkload create STORE                      makes an empty store
/// StoreWorkload hold STORE SNAPSHOTS              opens snapshots and stays until it is killed
/// StoreWorkload poll STORE                        names every new version, until one is tagged `end`
/// StoreWorkload golden STORE                      makes the store that every build must read
/// StoreWorkload threads STORE SECONDS             16 threads read, others write, publish, collect and back up
/// ```
///
/// What it acknowledges goes to standard output, a line at once: `created`, `VERSION ROOT`, `ready`. An error's code goes
/// to standard error, and its category is the exit code.
@main struct Workload {
  static func main() {
    let arguments = CommandLine.arguments
    do {
      switch arguments.dropFirst().first {
      case "grow":
        try grow(arguments[2], shards: Int(arguments[3])!, versions: Int(arguments[4])!, seed: UInt64(arguments[5])!)
      case "create":
        try Store.create(at: arguments[2], options: options(shards: 2)).close()
        say("created")
      case "hold": try hold(arguments[2], snapshots: Int(arguments[3])!)
      case "poll": try poll(arguments[2])
      case "golden":
        try GoldenStore.make(arguments[2])
        _ = try Store.compact(at: arguments[2])
      case "threads": try ThreadedWork(arguments[2], seconds: Double(arguments[3])!).run()
      default: exit(64)
      }
    } catch let error as StoreError {
      complain("[\(error.code)] \(error.message)")
      exit(error.category.rawValue)
    } catch {
      complain("\(error)")
      exit(70)
    }
  }

  static let items = TableName(.embedding, "ctr/item")
  static let model = TableName(.model, "ctr")

  static func options(shards: Int) -> StoreOptions {
    StoreOptions(shards: shards, shardMapBytes: 1 << 28, catalogMapBytes: 1 << 26, schema: "none")
  }

  private static func grow(_ path: String, shards: Int, versions: Int, seed: UInt64) throws {
    var state = seed
    func next(below bound: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) % bound
    }
    let store: Store
    if access(path + "/loam.json", F_OK) == 0 {
      store = try Store.open(at: path, for: .write)
    } else {
      store = try Store.create(at: path, options: options(shards: shards))
      say("created")
    }
    defer { store.close() }
    let spec = TableSpec(
      items,
      columns: [
        ColumnSpec("vector", .f32, width: 4, initial: .uniform(bound: 0.5, seed: 3), blockPages: 1),
        ColumnSpec("steps", .u64, blockPages: 1),
      ])
    for number in 0..<versions {
      let write = try store.begin([spec, TableSpec(model)])
      let rows = try IDTableWriter(write, spec)
      let blobs = try BlobWriter(write, TableSpec(model))
      for _ in 0..<20 {
        let row = try rows.findOrInsert(next(below: 400))
        try rows.mutableRow(1, row).storeBytes(of: next(below: 1 << 20), as: UInt64.self)
      }
      blobs.set("dense/\(next(below: 3))", [UInt8](repeating: UInt8(next(below: 256)), count: Int(next(below: 6_000))))
      try rows.flush()
      try blobs.flush()
      let record = try write.publish(PublishOptions(tags: number % 7 == 6 ? ["at-\(getpid())-\(number)"] : []))
      say("\(record.version) \(record.root)")
      if number % 10 == 9 { try store.collect() }
    }
  }

  private static func hold(_ path: String, snapshots: Int) throws {
    let store = try Store.open(at: path, for: .read)
    // Never given back: an optimiser ends what nobody refers to while this waits.
    for _ in 0..<snapshots { _ = Unmanaged.passRetained(try store.snapshot()) }
    say("ready")
    while true { pause() }
  }

  private static func poll(_ path: String) throws {
    let store = try Store.open(at: path, for: .read)
    var seen: UInt64 = 0
    while true {
      let record = try store.snapshot().record
      if record.version != seen {
        seen = record.version
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        say("\(seen) \(time.tv_sec * 1_000_000 + time.tv_nsec / 1_000)")
      }
      if try store.tags()["end"] == seen { return }
      usleep(1_000)
    }
  }

  static func say(_ line: String) { put(line + "\n", to: STDOUT_FILENO) }
  private static func complain(_ line: String) { put(line + "\n", to: STDERR_FILENO) }

  private static func put(_ text: String, to descriptor: Int32) {
    var text = text
    _ = text.withUTF8 { write(descriptor, $0.baseAddress, $0.count) }
  }
}
