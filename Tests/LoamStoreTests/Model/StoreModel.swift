import Foundation
import LoamSchema
import Testing

@testable import LoamStore

/// A store and a reference beside it, taken through random operations.
final class StoreModel {
  private(set) var random: SeededGenerator
  private(set) var path: String
  /// Empty only while it is being opened again: an owner lives as long as its store.
  private(set) var store: Store!
  var versions = ReferenceVersions()
  /// By group of tables.
  var writes: [ModelWrite?] = [nil, nil]
  var holds: [(stamp: Stamp, versions: [UInt64])] = []
  /// Kept open while everything else goes on.
  var snapshots: [(Snapshot, ReferenceContent)] = []
  var operations: [String: Int] = [:]
  let seed: UInt64
  private var copies = 0
  private let folder: String

  init(seed: UInt64) throws {
    self.seed = seed
    random = SeededGenerator(seed)
    folder = NSTemporaryDirectory() + "loam-model-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    path = folder + "/store.0"
    store = try Store.create(
      at: path,
      options: StoreOptions(
        shards: Int.random(in: 1...4, using: &random), shardMapBytes: 1 << 30, catalogMapBytes: 1 << 26))
    versions.kept[1] = ReferenceVersions.Version(content: ReferenceContent(), stamps: [:])
  }

  deinit {
    letGo()
    close()
    try? FileManager.default.removeItem(atPath: folder)
  }

  var bases: [UInt64] { writes.compactMap { $0?.write.base.record.version } + holds.flatMap(\.versions) }

  func letGo() {
    snapshots = []
    writes = [nil, nil]
    holds = []
  }

  private func close() {
    store.close()
    store = nil
  }

  /// Closes and opens again; what was open is over.
  func reopen() throws {
    letGo()
    versions.retain([])
    close()
    store = try Store.open(at: path, for: .write)
  }

  /// What a kill leaves: the files as they are, with writes open and their owners dead.
  func killAndReopen() throws {
    copies += 1
    let copy = folder + "/store.\(copies)"
    try FileManager.default.copyItem(atPath: path, toPath: copy)
    for lock in FileManager.default.enumerator(atPath: copy)!.compactMap({ $0 as? String })
    where lock.hasSuffix("lock.mdb") {
      try FileManager.default.removeItem(atPath: "\(copy)/\(lock)")
    }
    letGo()
    close()
    try FileManager.default.removeItem(atPath: path)
    path = copy
    store = try Store.open(at: path, for: .write)
    versions.retain([])
  }

  func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
  func anyVersion() -> UInt64 { versions.kept.keys.sorted().randomElement(using: &random)! }
  func change(_ write: ModelWrite) throws { try write.change(&random) }

  /// Same versions, same names; the latest, and `others` more, read as they were published.
  func expectSame(_ place: String, others: Int = 0) throws {
    let place = "\(place), seed \(seed), operation \(operations.values.reduce(0, +))"
    let records = try store.versions()
    #expect(records.map(\.version) == versions.kept.keys.sorted(), "\(place)")
    #expect(try store.snapshot().record.version == versions.latest, "\(place)")
    #expect(try store.tags().merging(store.aliases()) { a, _ in a } == versions.names, "\(place)")
    let compared = records.map(\.version).shuffled(using: &random).prefix(others)
    for record in records where record.version == versions.latest || compared.contains(record.version) {
      guard let expected = versions.kept[record.version] else { continue }
      try expected.content.expectEqual(
        try store.snapshot(at: .number(record.version)), "version \(record.version), \(place)")
    }
    #expect(try store.checkProtocol() == [], "\(place)")
  }

  /// The reason of a refusal, `nil` where there was none.
  func refusal(_ body: () throws -> Void) throws -> StoreError.Reason? {
    do {
      try body()
      return nil
    } catch let error as StoreError { return error.reason }
  }
}
