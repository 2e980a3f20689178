import Foundation
import LoamSchema
import LoamStore
import Synchronization

/// What the processes of benchmarks of several do: `ready` first, then a line of figures for each line that they get.
enum Roles {
  static func run(_ role: String, _ options: Options) throws {
    switch role {
    case "reader": try read(options)
    case "writer": try write(options)
    case "exporter": try export(options)
    default: throw Failure("no role \(role)")
    }
  }

  static func answer(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }

  private static func write(_ options: Options) throws {
    let table = try VectorTable(at: options.scratch, rows: options.rows, keepLast: 3)
    defer { table.close() }
    var draws = ZipfRows(options.rows, seed: 9)
    answer("ready 1")
    while let line = readLine(), let seconds = Double(line) {
      var figures: [String] = []
      let end = Clock.wallSeconds() + seconds
      while Clock.wallSeconds() < end {
        let next = Clock.wallSeconds() + 1
        try table.change(draws.distinct(options.rows / 100))
        let version = try table.commit().version
        figures.append("\(version) \(Clock.wallSeconds())")
        try table.goOn()
        let rest = next - Clock.wallSeconds()
        if rest > 0 { usleep(UInt32(rest * 1e6)) }
      }
      answer(figures.joined(separator: " "))
    }
  }

  /// A table of a version, opened by a thread that looks for new ones, and when it saw it.
  private struct Opened: Sendable {
    var table: IDTableReader
    var version: UInt64
    var seen: Double
  }

  private static func open(_ store: Store, after older: IDTableReader? = nil) throws -> Opened {
    let snapshot = try store.snapshot()
    let seen = Clock.wallSeconds()
    guard let table = try IDTableReader(snapshot, VectorTable.name, after: older) else { throw Failure("no table") }
    return Opened(table: table, version: snapshot.record.version, seen: seen)
  }

  private static func read(_ options: Options) throws {
    let store = try Store.open(at: options.scratch, for: .read)
    var current = try open(store)
    let next = Mutex<Opened?>(nil)
    let latest = Mutex(current)
    let watcher = Thread {
      while true {
        // What a server does: it asks for the newest version, and opens its table where it is another one.
        usleep(1_000)
        let known = latest.withLock { $0 }
        guard let version = try? store.latestVersion(), version != known.version else { continue }
        guard let opened = try? open(store, after: known.table) else { continue }
        latest.withLock { $0 = opened }
        next.withLock { $0 = opened }
      }
    }
    watcher.start()
    let ids = (0..<options.rows).lazy.map { Draws.id(UInt32($0)) }
    var random = Random(10)
    var batch = [UInt64](repeating: 0, count: 1_024)
    let out = UnsafeMutableRawBufferPointer.allocate(byteCount: 1_024 * VectorTable.rowBytes, alignment: 64)
    defer { out.deallocate() }
    answer("ready 1")
    while let line = readLine(), let seconds = Double(line) {
      var (times, figures) = ([Double](), [String]())
      let end = Clock.wallSeconds() + seconds
      while true {
        for position in 0..<batch.count { batch[position] = ids[random.below(options.rows)] }
        let fresh = next.withLock { opened in
          defer { opened = nil }
          return opened
        }
        if let fresh { current = fresh }
        let start = Clock.wallSeconds()
        if start > end { break }
        try batch.withUnsafeBufferPointer { try current.table.lookup($0, column: 0, into: out) }
        times.append(Clock.wallSeconds() - start)
        if let fresh { figures.append("\(fresh.version) \(fresh.seen) \(Clock.wallSeconds())") }
      }
      times.sort()
      answer(([String(times[times.count * 99 / 100] * 1e6)] + figures).joined(separator: " "))
    }
    exit(0)
  }
}
