import Testing

@testable import LMDB

/// What two transactions do not share, told from the numbers of pages.
@Suite struct TreeLeavesTests {
  private static let prefixes: [[UInt8]] = [[0, 1], [0, 2], [0, 255], [255, 255]]

  private static func entries(_ read: HeldRead, _ words: RawDatabase, _ prefix: [UInt8]) throws -> [[UInt8]: UInt] {
    try read.use { t throws(LMDBError) in
      try t.withCursor(words) { cursor throws(LMDBError) in
        var found: [[UInt8]: UInt] = [:]
        var entry = try cursor.first()
        while let (key, value) = entry {
          if key.starts(with: prefix) { found[Array(key)] = UInt(bitPattern: value.baseAddress) }
          entry = try cursor.next()
        }
        return found
      }
    }
  }

  private static func leaves(_ read: HeldRead, _ words: RawDatabase, _ prefix: [UInt8]) throws -> TreeLeaves {
    try #require(try read.use { t throws(LMDBError) in try t.leaves(of: words, prefix: prefix) })
  }

  @Test func whatDiffersLiesInTheRanges() throws {
    let scratch = Scratch()
    let environment = try scratch.environment(mapSizeBytes: 1 << 28)
    let words: RawDatabase = try #require(try environment.openDatabase("words", create: true))
    var random = SystemRandomNumberGenerator()
    var older: [HeldRead] = []
    var outside = 0
    for round in 0..<24 {
      try environment.write { t throws(LMDBError) in
        for _ in 0..<[1, 5, 400].randomElement(using: &random)! {
          let number = UInt16.random(in: 0..<1_000, using: &random)
          let key = Self.prefixes.randomElement(using: &random)! + [UInt8(number >> 8), UInt8(number & 255)]
          let isGone = Int.random(in: 0..<(round < 12 ? 5 : 2), using: &random) == 0
          if isGone {
            try t.delete(key, in: words)
          } else {
            // In its leaf, and on pages of its own.
            try t.put([UInt8](repeating: 7, count: [10, 60, 5_000].randomElement(using: &random)!), at: key, in: words)
          }
        }
      }
      let newer = try HeldRead(environment)
      for held in older {
        for prefix in [Self.prefixes[1], Self.prefixes[3], []] {
          let ranges = try Self.leaves(newer, words, prefix).changes(since: Self.leaves(held, words, prefix))
          let (before, after) = (try Self.entries(held, words, prefix), try Self.entries(newer, words, prefix))
          for (key, place) in before.merging(after, uniquingKeysWith: { first, _ in first }) {
            let isInside = ranges.contains { range in
              !key.lexicographicallyPrecedes(range.low) && range.high.map(key.lexicographicallyPrecedes) ?? true
            }
            if !isInside {
              outside += 1
              #expect(before[key] == place && after[key] == place, "round \(round), key \(key)")
            }
          }
          for (range, next) in zip(ranges, ranges.dropFirst()) {
            #expect(try #require(range.high).lexicographicallyPrecedes(next.low))
          }
        }
      }
      // The first, and the last two.
      if older.count == 3 { older.remove(at: 1) }
      older.append(newer)
    }
    #expect(outside > 500, "every key was in a range")
  }

  @Test func oneChangedKeyIsToldFromAllOthersByFewPages() throws {
    let scratch = Scratch()
    let environment = try scratch.environment(mapSizeBytes: 1 << 26)
    let words: RawDatabase = try #require(try environment.openDatabase("words", create: true))
    func put(_ numbers: some Sequence<UInt32>) throws {
      try environment.write { t throws(LMDBError) in
        for number in numbers {
          try t.put([1], at: withUnsafeBytes(of: number.bigEndian) { Array($0) }, in: words)
        }
      }
    }
    try put(0..<50_000)
    let older = try HeldRead(environment)
    try put([31_000])
    let newer = try HeldRead(environment)
    let known = try Self.leaves(older, words, [])
    let own = try Self.leaves(newer, words, [])
    #expect(known.leaves.count > 100)
    #expect(own.leaves.count == known.leaves.count)
    #expect(own.changes(since: known).count == 1)
    #expect(own.changes(since: own) == [])
    #expect(try Self.leaves(newer, words, [0, 0, 1]).leaves.count < 5)
  }

  @Test func anEmptyDatabaseHasNoLeaves() throws {
    let environment = try Scratch().environment()
    let words: RawDatabase = try #require(try environment.openDatabase("words", create: true))
    let read = try HeldRead(environment)
    #expect(try Self.leaves(read, words, [1]).leaves.isEmpty)
  }
}
