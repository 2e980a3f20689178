import Foundation
import LoamSchema
import Synchronization
import Testing

@testable import LoamStore

/// Anonymous memory of a process of its own that goes once through a table of eight times what it may hold.
@Suite struct DirtyMemoryTests {
  private static let budget = 32 << 20
  private static let rows = 65_536
  private static let rowBytes = 4_096
  private static let spec = TableSpec(
    TableName(.embedding, "m/large"), columns: [ColumnSpec("vector", .f32, width: rowBytes / 4)])

  private static var anonymousBytes: Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
    return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) << 10
  }

  /// The highest figure while `body` runs, commits included.
  private static func most(_ body: () throws -> Void) rethrows -> Int {
    let isOver = Mutex(false)
    let most = Mutex(anonymousBytes)
    let watch = Thread {
      while !isOver.withLock({ $0 }) {
        most.withLock { $0 = max($0, anonymousBytes) }
        usleep(500)
      }
      isOver.withLock { $0 = false }
    }
    watch.start()
    defer {
      isOver.withLock { $0 = true }
      while isOver.withLock({ $0 }) { usleep(500) }
    }
    try body()
    return most.withLock { $0 }
  }

  private static func change(_ table: IDTableWriter, _ ids: [ID], by amount: Float) throws {
    var rows = [RowReference](repeating: .none, count: 256)
    for first in stride(from: 0, to: ids.count, by: rows.count) {
      try ids[first..<first + rows.count].withUnsafeBufferPointer { ids in
        try rows.withUnsafeMutableBufferPointer { try table.findOrInsert(ids, into: $0) }
      }
      try rows.withUnsafeBufferPointer { rows in
        try table.update([0], rows) { group in
          let vectors = group.rows(0, of: Float.self)
          for row in 0..<group.count { vectors[row]!.pointee += amount }
        }
      }
    }
  }

  @Test func aTableOfEightTimesTheBudgetIsTrainedWithinIt() async throws {
    let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
      let scratch = try StructureStore(shards: 2)
      let ids = (0..<UInt64(Self.rows)).map { $0 &* 0x9E37_79B9_7F4A_7C15 }
      let before = Self.anonymousBytes
      let most = try Self.most {
        let write = try scratch.store.begin([Self.spec])
        write.dirtyBytesMax = Self.budget
        let table = try IDTableWriter(write, Self.spec)
        // Rows that are new, and rows that the base has.
        for amount: Float in [1, 0.5] {
          try Self.change(table, ids, by: amount)
          try table.flush()
          try write.publish(PublishOptions(goOn: true))
          try table.rebase()
        }
      }
      print("\((most - before) >> 10) KiB of anonymous memory with a budget of \(Self.budget >> 10)")
      precondition(most - before <= Self.budget * 115 / 100)
      let snapshot = try scratch.store.snapshot()
      let root = try snapshot.computeRoot(of: Self.spec.name)
      precondition(root == snapshot.record.tables[Self.spec.name.description]?.root)
    }
    print(String(decoding: result?.standardOutputContent ?? [], as: UTF8.self))
  }
}
