import Foundation
import Testing

@testable import LMDB

/// Entries read from pages are the entries that liblmdb's cursor gives, at the same places.
@Suite struct MappedTreeTests {
  private static func key(_ number: UInt32) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }

  private static func filled(_ scratch: Scratch) throws -> (environment: Environment, words: RawDatabase) {
    let environment = try scratch.environment(mapSizeBytes: 1 << 26)
    let words: RawDatabase = try #require(try environment.openDatabase("words", create: true))
    try environment.write { t throws(LMDBError) in
      for number in stride(from: UInt32(0), to: 6_000, by: 2) {
        // In its leaf, and on pages of its own.
        try t.put([UInt8](repeating: 7, count: number % 20 == 0 ? 5_000 : 40), at: key(number), in: words)
      }
    }
    return (environment, words)
  }

  private static func leaf(_ environment: Environment, _ words: RawDatabase) throws -> UInt64 {
    let leaves = try environment.read { t throws(LMDBError) in try t.leaves(of: words, prefix: []) }
    return try #require(leaves).leaves[3].page
  }

  @Test func entriesFromAnyKeyOnAreThoseOfACursor() throws {
    let scratch = Scratch()
    let (environment, words) = try Self.filled(scratch)
    let held = try HeldRead(environment)
    // What is written later is not seen.
    try environment.write { t throws(LMDBError) in try t.put([1], at: Self.key(1), in: words) }
    for start in [[0], Self.key(0), Self.key(1), Self.key(3_000), Self.key(3_001), Self.key(5_998), [255]] {
      typealias Found = (key: [UInt8], place: UInt, count: Int)
      func found(_ entry: Cursor.Entry) -> Found {
        (Array(entry.key), UInt(bitPattern: entry.value.baseAddress), entry.value.count)
      }
      let (own, cursors) = try held.use { t throws(LMDBError) in
        try BytesCodec.withBytes(of: start) { bytes throws(LMDBError) -> ([Found], [Found]) in
          var (own, cursors): ([Found], [Found]) = ([], [])
          try t.tree(of: words).forEach(from: bytes) { entry throws(LMDBError) in
            own.append(found(entry))
            return own.count < 700
          }
          try t.withCursor(words) { cursor throws(LMDBError) in
            var entry = try cursor.seek(bytes)
            while let known = entry, cursors.count < 700 {
              cursors.append(found(known))
              entry = try cursor.next()
            }
          }
          return (own, cursors)
        }
      }
      #expect(own.count == cursors.count)
      #expect(zip(own, cursors).allSatisfy { $0 == $1 })
      #expect(own.count == (start == [255] ? 0 : start == Self.key(5_998) ? 1 : 700))
    }
  }

  @Test func aDamagedPageIsAnError() throws {
    let scratch = Scratch()
    let (environment, words) = try Self.filled(scratch)
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: scratch.path + "/data.mdb"))
    for damage in [0..<16, 12..<13, 16..<18] {
      let page = try Self.leaf(environment, words)
      var bytes = [UInt8](repeating: 0, count: 4_096)
      #expect(pread(file.fileDescriptor, &bytes, 4_096, off_t(page * 4_096)) == 4_096)
      var changed = bytes
      for place in damage { changed[place] ^= 0xFF }
      #expect(pwrite(file.fileDescriptor, changed, 4_096, off_t(page * 4_096)) == 4_096)
      #expect(throws: LMDBError.self) {
        try environment.read { t throws(LMDBError) in
          try BytesCodec.withBytes(of: [0]) { start throws(LMDBError) in
            try t.tree(of: words).forEach(from: start) { _ throws(LMDBError) in true }
          }
        }
      }
      #expect(pwrite(file.fileDescriptor, bytes, 4_096, off_t(page * 4_096)) == 4_096)
    }
  }

  @Test func leavesThatOpeningLeftUnreadAreLookedAtBeforeTheirUse() throws {
    let scratch = Scratch()
    let page: UInt64
    do {
      let (environment, words) = try Self.filled(scratch)
      let others = try environment.words("others")
      try environment.write { t throws(LMDBError) in try t.put("a", at: "b", in: others) }
      page = try Self.leaf(environment, words)
      environment.close()
    }
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: scratch.path + "/data.mdb"))
    try file.seek(toOffset: page * 4_096)
    try file.write(contentsOf: Data(count: 4_096))
    func open(_ unread: Set<String>) throws -> Environment {
      let pages = Environment.PageScope.keys(leavesMax: Environment.leavesMax, unread: unread)
      return try Environment(
        path: scratch.path, options: .init(mapSizeBytes: 1 << 26, readersMax: 16, readOnly: true, checkedPages: pages))
    }
    #expect(throws: LMDBError.self) { try open([]) }
    #expect(throws: LMDBError.self) { try open(["others"]) }
    let environment = try open(["words"])
    for _ in 0..<2 {
      let error = #expect(throws: LMDBError.self) { try environment.checkUnread() }
      #expect(error?.description.contains("words: page \(page)") == true, "\(error!)")
    }
    environment.close()
  }
}
