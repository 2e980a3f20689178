/// Slots of one shard, a bit each.
struct SlotSet {
  private var words: [UInt64] = []

  @inline(__always)
  func contains(_ slot: UInt32) -> Bool {
    let word = Int(slot / 64)
    return word < words.count && words[word] & (1 << UInt64(slot % 64)) != 0
  }

  var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }
  var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

  mutating func insert(_ slot: UInt32) {
    let word = Int(slot / 64)
    if word >= words.count { words += [UInt64](repeating: 0, count: word + 1 - words.count) }
    words[word] |= 1 << UInt64(slot % 64)
  }

  mutating func remove(_ slot: UInt32) {
    let word = Int(slot / 64)
    if word < words.count { words[word] &= ~(1 << UInt64(slot % 64)) }
  }

  /// The lowest slot of the set that is `slot` or more.
  func first(from slot: UInt32) -> UInt32? {
    var word = Int(slot / 64)
    guard word < words.count else { return nil }
    var bits = words[word] & (.max << UInt64(slot % 64))
    while bits == 0 {
      word += 1
      if word == words.count { return nil }
      bits = words[word]
    }
    return UInt32(word * 64 + bits.trailingZeroBitCount)
  }

  /// Ascending.
  func forEach<E: Error>(_ body: (UInt32) throws(E) -> Void) throws(E) {
    for (index, word) in words.enumerated() {
      var bits = word
      while bits != 0 {
        try body(UInt32(index * 64 + bits.trailingZeroBitCount))
        bits &= bits - 1
      }
    }
  }

  mutating func formUnion(_ other: SlotSet) { insert(other.words, at: 0) }

  /// Adds the slots of words that stand from `start` on.
  mutating func insert(_ added: [UInt64], at start: Int) {
    if start + added.count > words.count {
      words += [UInt64](repeating: 0, count: start + added.count - words.count)
    }
    for (index, word) in added.enumerated() { words[start + index] |= word }
  }

  /// Words from `start` on, zeros where the set ends before.
  func words(at start: Int, count: Int) -> [UInt64] {
    (start..<start + count).map { $0 < words.count ? words[$0] : 0 }
  }
}
