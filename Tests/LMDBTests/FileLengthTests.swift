import CLMDB
import Foundation
import Testing

@testable import LMDB

@Suite struct FileLengthTests {
  // A transaction that takes pages at the end of the file and gives them back writes nothing there. Of 9,000 random
  // transactions one left such a file, which was then refused as truncated though nothing was lost.
  @Test func aFileThatLacksOnlyFreePagesIsOpenedAndOneThatLacksOthersIsNot() throws {
    let scratch = Scratch()
    let free: Set<Int>
    let pages: Int
    do {
      let environment = try scratch.environment()
      let words = try environment.words()
      let long = String(repeating: "v", count: 30_000)
      try environment.write { t throws(LMDBError) in for i in 0..<40 { try t.put(long, at: "\(i)", in: words) } }
      try environment.write { t throws(LMDBError) in for i in 0..<40 { try t.delete("\(i)", in: words) } }
      for i in 0..<6 { try environment.write { t throws(LMDBError) in try t.put("kept", at: "k\(i)", in: words) } }
      free = try environment.read { t throws(LMDBError) in try freePages(t) }
      pages = try environment.usage().pages
      environment.close()
    }
    var last = pages
    while free.contains(last - 1) { last -= 1 }
    try #require(last < pages)
    #expect(truncate(scratch.path + "/data.mdb", off_t(last * 4096)) == 0)
    do {
      let environment = try scratch.environment()
      let words = try environment.words()
      #expect(try environment.read { t throws(LMDBError) in try t.count(of: words) } == 6)
      environment.close()
    }
    // Opening wrote nothing behind the end, so one more page is one too many.
    #expect(truncate(scratch.path + "/data.mdb", off_t((last - 1) * 4096)) == 0)
    let error = #expect(throws: LMDBError.self) { _ = try scratch.environment() }
    #expect(error?.code == .truncated)
  }

  /// What liblmdb itself says of its free list, database 0.
  private func freePages(_ transaction: borrowing ReadTransaction) throws(LMDBError) -> Set<Int> {
    var cursor: OpaquePointer?
    #expect(mdb_cursor_open(transaction.handle, 0, &cursor) == MDB_SUCCESS)
    defer { mdb_cursor_close(cursor) }
    var free: Set<Int> = []
    var (key, value) = (MDB_val(), MDB_val())
    while mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == MDB_SUCCESS {
      let numbers = UnsafeBufferPointer(
        start: value.mv_data.assumingMemoryBound(to: Int.self), count: value.mv_size / MemoryLayout<Int>.size)
      free.formUnion(numbers.dropFirst().prefix(numbers[0]))
    }
    return free
  }

  @Test func aFileThatGrowsWhileItIsOpenedIsNotCalledTruncated() async throws {
    let scratch = Scratch()
    do {
      let environment = try scratch.environment()
      _ = try environment.words()
      environment.close()
    }
    let writer = try await Task.detached { [path = scratch.path] in
      try Environment(path: path, options: .init(mapSizeBytes: 1 << 26))
    }.value
    let words = try writer.words()
    let descriptor = open(scratch.path + "/data.mdb", O_RDONLY)
    defer { close(descriptor) }
    var length = stat()
    for i in 0..<20 {
      // The order of the look: what a meta page says is covered by the length read after it.
      let meta = try #require(MetaPages.newest(descriptor: descriptor))
      try writer.write { t throws(LMDBError) in
        try t.put(String(repeating: "x", count: 50_000), at: "\(i)", in: words)
      }
      #expect(fstat(descriptor, &length) == 0)
      #expect(Int(length.st_size) >= meta.bytesNeeded)
    }
  }

  @Test func anEnvironmentClosedUnderATransactionEndsWithIt() throws {
    let scratch = Scratch()
    let environment = try scratch.environment()
    _ = try environment.words()
    var held: HeldRead? = try HeldRead(environment)
    environment.close()
    #expect(throws: LMDBError.self) { _ = try scratch.environment() }
    _ = held
    held = nil
    _ = try scratch.environment()
  }

  @Test func ofManyThreadsThatOpenOnePathExactlyOneHasIt() async throws {
    for _ in 0..<20 {
      let scratch = Scratch()
      let opened = await withTaskGroup(of: Environment?.self) { group in
        for _ in 0..<8 {
          group.addTask { [path = scratch.path] in
            try? Environment(path: path, options: .init(mapSizeBytes: 1 << 22))
          }
        }
        var opened: [Environment] = []
        for await environment in group { if let environment { opened.append(environment) } }
        return opened
      }
      #expect(opened.count == 1)
    }
  }
}
