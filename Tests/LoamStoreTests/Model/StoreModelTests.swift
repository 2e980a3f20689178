import Foundation
import Testing

@testable import LoamStore

/// The store beside dictionaries through random operations: equal contents, roots, names and kept versions after every
/// publish, rollback, collection and reopening.
///
/// `LOAM_OPERATIONS` and `LOAM_SEED` set how many and from where; tools/torture runs the long form.
@Suite(.serialized) struct StoreModelTests {
  private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }

  /// A closed store that somebody still referred to kept its holds, and the next opening its old versions.
  @Test func aHoldEndsWhenItsStoreIsClosed() throws {
    let scratch = StorePath()
    let board = try scratch.create()
    try board.store.setRetention(RetentionPolicy(keepLast: 2))
    _ = try board.store.hold([1])
    for value in UInt64(1)...3 { try board.fill("a", with: value) }
    #expect(try board.store.versions().map(\.version) == [1, 3, 4])
    board.store.close()
    let again = try scratch.open()
    #expect(try again.store.versions().map(\.version) == [3, 4])
    again.store.close()
    withExtendedLifetime(board) {}
  }

  @Test func theStoreDoesWhatDictionariesDo() throws {
    let seed = Self.number("LOAM_SEED").map { UInt64($0) } ?? .random(in: 0..<1 << 40)
    let operations = Self.number("LOAM_OPERATIONS") ?? 3_000
    print("store model: seed \(seed), \(operations) operations")
    // A store of its own for each few thousand, lest rows grow until nothing new happens.
    let perStore = 20_000
    var done = 0
    var counts: [String: Int] = [:]
    while done < operations {
      let model = try StoreModel(seed: seed &+ UInt64(done))
      let end = min(done + perStore, operations)
      while done < end {
        try model.operate()
        done += 1
      }
      try model.reopen()
      try model.expectSame("at the end", others: .max)
      #expect(try model.store.verify().problems == [])
      counts.merge(model.operations) { $0 + $1 }
    }
    print("store model: \(counts.sorted { $0.key < $1.key }.map { "\($1) \($0)" }.joined(separator: ", "))")
  }
}
