/// One shard at one instant, as MVCC shows it: never changed once it is installed.
///
/// ```
///   a word for each (cell, stamp), cells one after the other, stamps ascending within a cell:
///   stamp 32 | value 28 | flags 4       value 0: a deletion      of a patch: what the older content is changed by
/// ```
///
/// Plain pointers, because the simulation takes millions of steps in unoptimised builds.
final class SimulatedShard {
  static let tables = 2
  static let blocksPerTable = 3
  static let cells = tables * blocksPerTable

  static let block: UInt64 = 1
  static let change: UInt64 = 2
  static let patch: UInt64 = 4

  let words: UnsafeMutablePointer<UInt64>
  /// The words of cell c are `ends[c] ..< ends[c + 1]`.
  let ends: UnsafeMutablePointer<Int>

  init() {
    words = .allocate(capacity: 1)
    ends = .allocate(capacity: Self.cells + 1)
    ends.initialize(repeating: 0, count: Self.cells + 1)
  }

  /// A copy to change, with room for the puts of one transaction.
  init(copyOf other: SimulatedShard) {
    let count = other.ends[Self.cells]
    words = .allocate(capacity: count + Self.putsMax)
    words.initialize(from: other.words, count: count)
    ends = .allocate(capacity: Self.cells + 1)
    ends.initialize(from: other.ends, count: Self.cells + 1)
  }

  static let putsMax = 4

  deinit {
    words.deallocate()
    ends.deallocate()
  }

  static func table(_ cell: Int) -> Int { cell < blocksPerTable ? 0 : 1 }

  func stamp(_ place: Int) -> Int { Int(words[place] >> 32) }
  func value(_ place: Int) -> Int { Int((words[place] >> 4) & 0xFFF_FFFF) }
  func hasBlock(_ place: Int) -> Bool { words[place] & Self.block != 0 }
  func hasChange(_ place: Int) -> Bool { words[place] & Self.change != 0 }
  func isPatch(_ place: Int) -> Bool { words[place] & Self.patch != 0 }
  func isDeletion(_ place: Int) -> Bool { value(place) == 0 && !isPatch(place) }

  /// Place of the cell's newest block with a stamp up to `stamp`; -1 where there is none.
  func newest(_ cell: Int, upTo stamp: Int) -> Int {
    var place = ends[cell + 1] - 1
    let first = ends[cell]
    while place >= first {
      if hasBlock(place), self.stamp(place) <= stamp { return place }
      place -= 1
    }
    return -1
  }

  /// Place of the next older block of the same cell; -1 where there is none.
  func older(_ cell: Int, _ place: Int) -> Int {
    var place = place - 1
    let first = ends[cell]
    while place >= first {
      if hasBlock(place) { return place }
      place -= 1
    }
    return -1
  }

  /// The decoded value: 0 a deletion, `nil` a patch that has nothing whole beneath it.
  func content(_ cell: Int, _ place: Int) -> Int? {
    var place = place
    var difference = 0
    while isPatch(place) {
      difference ^= value(place)
      place = older(cell, place)
      if place < 0 || isDeletion(place) { return nil }
    }
    return value(place) ^ difference
  }

  /// How many patches lie one upon the other from this place down.
  func chain(_ cell: Int, _ place: Int) -> Int {
    var place = place
    var length = 0
    while place >= 0, isPatch(place) {
      place = older(cell, place)
      length += 1
    }
    return length
  }

  /// Puts a block and its entry in `changes`; again under one stamp replaces.
  func put(_ cell: Int, _ stamp: Int, _ value: Int, patch: Bool) {
    let word = UInt64(stamp) << 32 | UInt64(value) << 4 | Self.block | Self.change | (patch ? Self.patch : 0)
    var place = ends[cell + 1]
    while place > ends[cell], self.stamp(place - 1) >= stamp { place -= 1 }
    if place < ends[cell + 1], self.stamp(place) == stamp {
      words[place] = word
      return
    }
    var last = ends[Self.cells]
    while last > place {
      words[last] = words[last - 1]
      last -= 1
    }
    words[place] = word
    var next = cell + 1
    while next <= Self.cells {
      ends[next] += 1
      next += 1
    }
  }

  func removeBlock(_ place: Int) { words[place] &= ~(Self.block | Self.patch) }
  func removeChange(_ place: Int) { words[place] &= ~Self.change }

  /// Drops words that are neither block nor entry.
  func compact() {
    var to = 0
    var cell = 0
    var from = 0
    while cell < Self.cells {
      let end = ends[cell + 1]
      while from < end {
        if words[from] & (Self.block | Self.change) != 0 {
          words[to] = words[from]
          to += 1
        }
        from += 1
      }
      cell += 1
      ends[cell] = to
    }
  }
}
