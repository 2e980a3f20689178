import Foundation
import LoamSchema
import Testing

@testable import LoamStore

/// Bytes that change and files that end too soon: refused with a typed error, never served, never a crash.
///
/// `LOAM_FLIPS` and `LOAM_SEED` set how many bits of each kind of block and which.
@Suite struct DamageTests {
  private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }
  private let seed = Self.number("LOAM_SEED").map { UInt64($0) } ?? .random(in: 0..<1 << 40)

  @Test func aFlippedBitOfAnyKindOfBlockIsRefusedAndFoundByVerify() throws {
    let damaged = try DamagedStore()
    var random = SeededGenerator(seed)
    let places = try damaged.places()
    let columns = Set(places.map(\.name))
    #expect(columns.count >= 15, "index, IDs, rows, patches, dictionary, log, timeline, blobs and metas: \(columns)")
    var flips = 0
    for place in places {
      // The header is 48 bytes: most flips would otherwise miss it.
      for flip in 0..<(Self.number("LOAM_FLIPS") ?? 4) {
        let bit = Int(random.next() % UInt64((flip % 2 == 0 ? BlockHeader.size : place.count) * 8))
        try damaged.flip(place, bit: bit)
        defer { try? damaged.flip(place, bit: bit) }
        let store = try Store.open(at: damaged.path, for: .read)
        defer { store.close() }
        let what = "\(place.name) shard \(place.shard) \(place.address) bit \(bit), seed \(seed)"
        try expectRefused(store, place, damaged, what)
        if flip == 0 { #expect(try !store.verify().problems.isEmpty, "\(what)") }
        flips += 1
      }
    }
    print("damage: seed \(seed), \(flips) flips in \(columns.count) kinds of blocks, all refused")
    let store = try Store.open(at: damaged.path, for: .read)
    defer { store.close() }
    #expect(try store.verify().problems == [])
  }

  private func expectRefused(_ store: Store, _ place: DamagedStore.Place, _ damaged: DamagedStore, _ what: String)
    throws
  {
    let snapshot = try store.snapshot()
    for table in damaged.tables {
      let isHit = snapshot.spec(table)?.number == place.address.table
      do {
        try DamagedStore.readAll(table, snapshot)
        #expect(!isHit, "served: \(what)")
      } catch {
        #expect(isHit && error.category == .damaged, "\(table), \(error): \(what)")
      }
    }
  }

  @Test(arguments: ["shard-000", "catalog"])
  func aFileThatEndsTooSoonIsRefusedBeforeItIsRead(environment: String) throws {
    let damaged = try DamagedStore()
    let file = "\(damaged.path)/\(environment)/data.mdb"
    let whole = try #require(try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int)
    var random = SeededGenerator(seed)
    var lengths = stride(from: 0, to: whole, by: 4_096).map { $0 }
    lengths += (0..<40).map { _ in Int(random.next() % UInt64(whole)) }
    // Downwards, so that one store serves for all.
    var refused = 0
    for length in lengths.sorted(by: >) {
      #expect(truncate(file, length) == 0)
      for access in [Store.Access.read, .write] {
        let what = "\(length) of \(whole) bytes, seed \(seed)"
        if let error = try refusal(damaged, access, what) {
          #expect(error.category == .damaged, "\(error): \(what)")
          refused += 1
        } else {
          #expect(refused == 0, "opened after longer ones were refused: \(what)")
        }
      }
      // Refusing changes nothing.
      #expect(try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int == length)
    }
    #expect(refused > lengths.count, "most of the file is in use")
  }

  /// Free pages at the end may be missing, as liblmdb itself leaves them unwritten: then everything must be there.
  private func refusal(_ damaged: DamagedStore, _ access: Store.Access, _ what: String) throws -> StoreError? {
    let store: Store
    do throws(StoreError) { store = try Store.open(at: damaged.path, for: access) } catch { return error }
    defer { store.close() }
    #expect(try store.verify().problems == [], "\(what)")
    return nil
  }

  @Test func whatLMDBMakesAnewMayBeMissingAndWhatLoamWroteMayNot() throws {
    let damaged = try DamagedStore()
    func reason() -> StoreError.Reason? {
      do {
        let store = try Store.open(at: damaged.path, for: .write)
        defer { store.close() }
        return try store.verify().problems.isEmpty ? nil : .badBlock
      } catch { return error.reason }
    }
    for missing in ["catalog/lock.mdb", "shard-000/lock.mdb", "LOCK", "writers"] {
      try FileManager.default.removeItem(atPath: "\(damaged.path)/\(missing)")
      #expect(reason() == nil, "\(missing)")
    }
    // Bytes behind the end are nobody's.
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: damaged.dataFile(1)))
    try file.seekToEnd()
    try file.write(contentsOf: [UInt8](repeating: 7, count: 5_000))
    try file.close()
    #expect(reason() == nil)

    let identity = "\(damaged.path)/loam.json"
    let text = try Data(contentsOf: URL(fileURLWithPath: identity))
    try Data(text.prefix(text.count / 2)).write(to: URL(fileURLWithPath: identity))
    #expect(reason() == .badCatalog)
    try FileManager.default.removeItem(atPath: identity)
    #expect(reason() == .notAStore)
  }
}
