/// Copies that are given up before the write is published: changed ones are put, others forgotten.
///
/// ```
///   dirty ──looked at──▶ cold ──looked at again──▶ many rows changed: put whole, read in the map
///     ▲                    │                       few: they go on in copies of their own (ColumnBlocks+Rows)
///     └──────changed───────┘
/// ```
///
/// The clock's second chance without a mark in the path of an update: a cold word is one that the kernels do not take for a
/// copy to be put, so the first change of it comes by `copy(block:)`, which warms it.
extension ColumnBlocks {
  var pieceBytes: Int { CopyMemory.pieceBytes(layout.fullBytes) }

  /// Changed since the base, in a copy or put early.
  func isChanged(_ block: Int) -> Bool {
    isPending(block) || wasPutEarly(block)
  }

  func wasPutEarly(_ block: Int) -> Bool { block < rowsPutEarly.count && rowsPutEarly[block] > 0 }

  /// Rows behind a word that is no copy.
  func storedRows(block: Int) -> Int {
    wasPutEarly(block) ? Int(rowsPutEarly[block]) : layout.rows(block: block, slots: slots)
  }

  /// So many copies that have not been changed for the longest time, ascending. Others become cold on the way.
  func coldest(_ count: Int) -> [Int] {
    var found: Set<Int> = []
    for _ in 0..<2 * words.count where found.count < count {
      if hand >= words.count { hand = 0 }
      let word = words[hand]
      if word.isWarm {
        words[hand] = .cold(word.copy)
      } else if word.isOwned {
        found.insert(hand)
      }
      hand += 1
    }
    return found.sorted()
  }

  /// Gives up copies: changed ones are put under the write's stamp and read in the map from now on, or their rows go on
  /// in copies of their own.
  ///
  /// Pointers to their rows are invalid afterwards; after an error they are as they were.
  func giveUp(_ blocks: [Int], slots: UInt32, _ write: Write) throws(StoreError) {
    for block in blocks where words[block].isDirty { try keepRows(of: block) }
    let changed = blocks.filter { words[$0].isDirty }
    for (block, place) in try putWhole(changed, slots: slots, write) { give(block, back: .verified(place)) }
    for block in blocks where words[block].isOwned { give(block, back: baseWord(block)) }
  }

  /// Puts blocks as they are now under the write's stamp.
  ///
  /// - Returns: each with its place in the map.
  func putWhole(_ blocks: [Int], slots: UInt32, _ write: Write) throws(StoreError) -> [(Int, UnsafeRawPointer)] {
    guard !blocks.isEmpty else { return [] }
    try write.put(blocks.map { whole($0, slots) }, shard: shard)
    let places = try write.places(blocks.map(address), shard: shard)
    putWhole.formUnion(blocks)
    if rowsPutEarly.count < words.count {
      rowsPutEarly += repeatElement(0, count: words.count - rowsPutEarly.count)
    }
    for block in blocks { rowsPutEarly[block] = UInt32(layout.rows(block: block, slots: slots)) }
    return Array(zip(blocks, places))
  }

  private func give(_ block: Int, back word: BlockWord) {
    memory.deallocate(words[block].copy, layout.fullBytes)
    words[block] = word
    copies -= 1
  }

  /// Its patches are to be found again.
  private func baseWord(_ block: Int) -> BlockWord {
    block < bases.count && !bases[block].isNone ? .unverified(bases[block].content) : .none
  }
}
