import Glibc
import LMDB
import LoamSchema
import Testing

@testable import LoamStore

@Suite struct SnapshotAgeTests {
  /// Waits until a snapshot has grown too old.
  private func outlive(_ snapshot: Snapshot) { while !snapshot.isExpired { usleep(20_000) } }

  @Test func pastItsMaximumAgeEveryReadIsRefused() throws {
    let table = try LookupStore(rows: 800, shards: 2, seed: 12)
    let snapshot = try table.store.snapshot(ageSecondsMax: 3)
    let reader = try #require(try IDTableReader(snapshot, LookupStore.name))
    let row = try reader.find(table.ids[0])
    var bytes = [UInt8](repeating: 0x11, count: 64)
    #expect(try bytes.withUnsafeMutableBytes { try reader.lookup(table.ids[0], column: 0, into: $0.baseAddress!) })
    #expect(!snapshot.isExpired)
    outlive(snapshot)

    let before = bytes
    func refused(_ place: SourceLocation = #_sourceLocation, _ read: () throws -> Void) {
      let error = #expect(throws: StoreError.self, sourceLocation: place) { try read() }
      #expect(error?.reason == .snapshotExpired && error?.category == .busy, sourceLocation: place)
    }
    refused {
      _ = try bytes.withUnsafeMutableBytes { try reader.lookup(table.ids[0], column: 0, into: $0.baseAddress!) }
    }
    refused { try bytes.withUnsafeMutableBytes { try reader.read(0, row, into: $0.baseAddress!) } }
    refused { try bytes.withUnsafeMutableBytes { try reader.read("vector", [row], into: $0.baseAddress!) } }
    refused { _ = try reader.find(table.ids[1]) }
    refused { _ = try reader.find(table.ids) }
    refused { _ = try reader.lookup(table.ids, column: 0, absent: nil) }
    refused {
      try bytes.withUnsafeMutableBytes { out in
        try table.ids[..<1].withUnsafeBufferPointer { ids in
          let request = LookupRequest(reader, ids, column: 0, into: out)
          let nothing = UnsafeMutableRawBufferPointer(rebasing: out[..<0])
          let none = LookupRequest(reader, UnsafeBufferPointer(rebasing: ids[..<0]), column: 0, into: nothing)
          try snapshot.lookup([request, none])
        }
      }
    }
    refused { _ = try IDTableReader(snapshot, LookupStore.name) }
    #expect(bytes == before)
    // Another one of the same version reads on.
    _ = try table.reader().lookup(table.ids, column: 0, absent: nil)
  }

  @Test func aSourceGivesTheSameSnapshotUntilSomethingMoves() throws {
    let scratch = StorePath()
    let board = try scratch.create()
    defer { board.store.close() }
    try board.fill("a", with: 1)
    let source = SnapshotSource(board.store, ageSecondsMax: 600)
    let first = try source.current()
    #expect(try source.current() === first)
    try board.fill("a", with: 2)
    let second = try source.current()
    #expect(second.record.version == first.record.version + 1)
    #expect(try Board.content(second).values.allSatisfy { $0 == 2 })
    // What was given stays whole.
    #expect(try Board.content(first).values.allSatisfy { $0 == 1 })

    try board.store.setAlias("serving", to: .number(first.record.version))
    let serving = SnapshotSource(board.store, at: .name("serving"), ageSecondsMax: 600)
    let old = try serving.current()
    #expect(old.record.version == first.record.version)
    try board.fill("a", with: 3)
    #expect(try serving.current() === old)
    try board.store.setAlias("serving", to: .latest)
    #expect(try serving.current().record.version == second.record.version + 1)
  }

  @Test func aSourceRenewsWhatIsHalfAsOldAsItMayBe() throws {
    let scratch = StorePath()
    let board = try scratch.create()
    defer { board.store.close() }
    try board.fill("a", with: 1)
    let source = SnapshotSource(board.store, ageSecondsMax: 4)
    let first = try source.current()
    while first.ageSeconds < 2 { usleep(20_000) }
    let second = try source.current()
    #expect(second !== first && second.record == first.record)
    #expect(second.ageSeconds < first.ageSeconds)
    outlive(first)
    #expect(throws: StoreError.self) { try Board.content(first) }
  }

  @Test func aDroppedVersionIsRefusedAndNotReadOn() throws {
    let scratch = StorePath()
    let board = try scratch.create()
    defer { board.store.close() }
    try board.store.setRetention(RetentionPolicy(keepLast: 2))
    let version = try board.fill("a", with: 1).version
    let source = SnapshotSource(board.store, at: .number(version), ageSecondsMax: 600)
    let held = try source.current()
    for value in 2...4 { try board.fill("a", with: UInt64(value)) }
    let error = #expect(throws: StoreError.self) { _ = try source.current() }
    #expect(error?.reason == .unknownVersion)
    #expect(try Board.content(held).values.allSatisfy { $0 == 1 })
  }
}
