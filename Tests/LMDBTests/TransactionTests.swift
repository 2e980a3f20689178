import Foundation
import Testing

@testable import LMDB

@Suite struct TransactionTests {
  @Test func aMissingKeyIsNil() throws {
    let scratch = Scratch()
    let environment = try scratch.environment()
    let words = try environment.words()
    #expect(try environment.read { t throws(LMDBError) in try t.get("nothing", in: words) } == nil)
    #expect(try environment.write { t throws(LMDBError) in try t.delete("nothing", in: words) } == false)
  }

  @Test func aBodyThatThrowsUndoesItsWrites() throws {
    let scratch = Scratch()
    let environment = try scratch.environment()
    let words = try environment.words()
    #expect(throws: LMDBError.self) {
      try environment.write { t throws(LMDBError) in
        try t.put("1", at: "a", in: words)
        throw LMDBError(.badTransaction, call: "test", path: "")
      }
    }
    #expect(try environment.read { t throws(LMDBError) in try t.count(of: words) } == 0)
    try environment.write { t throws(LMDBError) in try t.put("2", at: "a", in: words) }
  }

  @Test func aKeyFromTheMapMayBePutAgainWhileItsPageMoves() throws {
    // liblmdb moved a dirty page under the key that its own cursor had returned, and broke the order of keys.
    let scratch = Scratch()
    let environment = try scratch.environment()
    let words = try environment.words()
    try environment.write { t throws(LMDBError) in
      for i in 0..<500 { try t.put("short", at: "key \(1_000 + i)", in: words) }
    }
    let longer = Array(String(repeating: "z", count: 700).utf8)
    try environment.write { t throws(LMDBError) in
      try t.withCursor(words) { cursor throws(LMDBError) in
        var entry = try cursor.first()
        var keys: [UnsafeRawBufferPointer] = []
        while let (key, _) = entry {
          keys.append(key)
          entry = try cursor.next()
        }
        for key in keys {
          try BytesCodec.withBytes(of: longer) { value throws(LMDBError) in try t.put(value, at: key, in: words) }
        }
      }
    }
    let found = try environment.read { t throws(LMDBError) in try t.entries(of: words).map(\.key) }
    #expect(found.count == 500)
    #expect(found == found.sorted())
  }

  @Test func aSnapshotDoesNotSeeLaterCommitsFromWhicheverThreadItIsRead() async throws {
    let scratch = Scratch()
    let environment = try scratch.environment()
    let words = try environment.words()
    try environment.write { t throws(LMDBError) in try t.put("old", at: "a", in: words) }
    let held = try HeldRead(environment)
    try environment.write { t throws(LMDBError) in try t.put("new", at: "a", in: words) }
    let seen = try await withThrowingTaskGroup(of: String?.self) { group in
      for _ in 0..<8 { group.addTask { try held.use { t throws(LMDBError) in try t.get("a", in: words) } } }
      var seen: Set<String?> = []
      for try await value in group { seen.insert(value) }
      return seen
    }
    #expect(seen == ["old"])
    #expect(try environment.read { t throws(LMDBError) in try t.get("a", in: words) } == "new")
  }

  @Test func cursorsSeekForwardsAndBackwards() throws {
    let scratch = Scratch()
    let environment = try scratch.environment()
    let numbers: Database<NumberCodec, NumberCodec> = try #require(
      try environment.openDatabase("numbers", create: true))
    try environment.write { t throws(LMDBError) in
      for i in stride(from: UInt64(10), through: 50, by: 10) { try t.put(i, at: i, in: numbers) }
    }
    func back(_ number: UInt64) throws -> UInt64? {
      try environment.read { t throws(LMDBError) in
        try t.withCursor(numbers) { cursor throws(LMDBError) in
          try NumberCodec.withBytes(of: number) { key throws(LMDBError) in
            try cursor.seekBack(key).flatMap { NumberCodec.decode($0.key) }
          }
        }
      }
    }
    #expect(try back(9) == nil)
    #expect(try back(10) == 10)
    #expect(try back(29) == 20)
    #expect(try back(1_000) == 50)
  }

  @Test func theCodeOfEveryFailureIsACase() {
    #expect(LMDBError.code(for: -30_792) == .mapFull)
    #expect(LMDBError.code(for: -30_790) == .readersFull)
    #expect(LMDBError.code(for: ENOSPC) == .diskFull)
    #expect(LMDBError.code(for: EACCES) == .system(errno: EACCES))
  }
}
