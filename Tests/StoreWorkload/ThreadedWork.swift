import Foundation
import LoamSchema
import LoamStore
import Synchronization

/// Sixteen readers, two writers of different tables, one that collects and one that backs up, on one open store.
///
/// Both tables of a version were written with the same number, and every reader compares them: a version that mixes two
/// would show two numbers.
final class ThreadedWork: Sendable {
  private let store: Store
  private let path: String
  private let seconds: Double
  private let counts = Mutex((reads: 0, versions: 0, backups: 0, mixed: 0))

  init(_ path: String, seconds: Double) throws {
    self.path = path
    self.seconds = seconds
    store = try Store.create(at: path, options: Workload.options(shards: 4))
    try publish(0)
  }

  func run() throws {
    let end = Date().addingTimeInterval(seconds)
    let failures = Mutex<[String]>([])
    var threads: [Thread] = []
    let done = DispatchSemaphore(value: 0)
    func start(_ body: @escaping @Sendable () throws -> Void) {
      let thread = Thread {
        do { while Date() < end { try body() } } catch { failures.withLock { $0.append("\(error)") } }
        done.signal()
      }
      thread.stackSize = 8 << 20
      threads.append(thread)
      thread.start()
    }
    let number = Mutex<UInt64>(1)
    for _ in 0..<16 { start { try self.read() } }
    start {
      let next = number.withLock { number in
        number += 1
        return number
      }
      try self.publish(next)
    }
    start { try self.writeAnother() }
    start {
      try self.store.collect()
      usleep(20_000)
    }
    start { try self.backUp() }
    for _ in threads { done.wait() }
    store.close()
    let found = counts.withLock { $0 }
    Workload.say("\(found.reads) reads, \(found.versions) versions, \(found.backups) backups, \(found.mixed) mixed")
    let failed = failures.withLock { $0 }
    guard failed.isEmpty, found.mixed == 0 else { throw Failure(description: failed.joined(separator: "\n")) }
  }

  private struct Failure: Error, CustomStringConvertible { var description: String }

  private static let spec = TableSpec(
    Workload.items, columns: [ColumnSpec("number", .u64, blockPages: 1)])
  private static let ids: [ID] = Array(1...200)

  private func publish(_ number: UInt64) throws {
    let write = try store.begin([Self.spec, TableSpec(Workload.model)])
    let rows = try IDTableWriter(write, Self.spec)
    let blobs = try BlobWriter(write, TableSpec(Workload.model))
    for id in Self.ids {
      let row = try rows.findOrInsert(id)
      try rows.mutableRow(0, row).storeBytes(of: number, as: UInt64.self)
    }
    blobs.set("number", withUnsafeBytes(of: number) { [UInt8]($0) })
    try rows.flush()
    try blobs.flush()
    try write.publish()
    counts.withLock { $0.versions += 1 }
  }

  private func writeAnother() throws {
    let spec = TableSpec(TableName(.model, "other"))
    let write = try store.begin([spec])
    let blobs = try BlobWriter(write, spec)
    blobs.set("noise", (0..<20_000).map { _ in UInt8.random(in: 0...255) })
    try blobs.flush()
    if Bool.random() { try write.publish() } else { write.abandon() }
  }

  /// `nil`: versions are published faster than a starved thread opens four shards.
  private func snapshot() throws -> Snapshot? {
    do { return try store.snapshot() } catch {
      if error.reason == .versionDropped { return nil }
      throw error
    }
  }

  private func read() throws {
    guard let snapshot = try snapshot() else { return }
    let found = try IDTableReader(snapshot, Workload.items)
    let blobs = try BlobReader(snapshot, Workload.model)
    let bytes = try blobs?.blob(named: "number")
    guard let rows = found, let bytes else { throw Failure(description: "a table is missing") }
    let expected = bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
    var mixed = 0
    try rows.forEachRow { row, _ in
      var number: UInt64 = 0
      try rows.read(0, row, into: &number)
      if number != expected { mixed += 1 }
    }
    counts.withLock { counts in
      counts.reads += 1
      counts.mixed += mixed
    }
  }

  private func backUp() throws {
    let directory = path + ".backup-\(UInt64.random(in: 0...1 << 40))"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try store.backup(to: directory)
    counts.withLock { $0.backups += 1 }
    usleep(100_000)
  }
}
