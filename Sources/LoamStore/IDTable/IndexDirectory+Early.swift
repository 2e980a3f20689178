/// As with columns: copies that are put before the write is published, and read in the map afterwards.
extension IndexDirectory {
  var copiedBytes: Int { copies * CopyMemory.pieceBytes(Self.copyBytes) }

  /// The first words of so many blocks that have not been changed for the longest time, ascending.
  func coldest(_ count: Int) -> [Int] {
    var found: Set<Int> = []
    var looked = 0
    while looked < 2 * words.count, found.count < count {
      let (first, span, _) = range(of: hand < words.count ? hand : 0)
      let word = words[first]
      if word.isWarm {
        for word in first..<first + span { words[word] = .cold(words[word].copy) }
      } else if word.isOwned {
        found.insert(first)
      }
      hand = first + span
      looked += span
    }
    return found.sorted()
  }

  func giveUp(_ blocks: [Int], _ write: Write) throws(StoreError) {
    let pending = blocks.map { self.pending(range(of: $0).number, $0) }
    try write.put(pending, shard: shard)
    let places = try write.places(pending.map(\.address), shard: shard)
    for (word, place) in zip(blocks, places) {
      let (first, count, number) = range(of: word)
      flushed.insert(number)
      deallocate(words[first].copy)
      for word in first..<first + count { words[word] = .verified(place) }
    }
  }
}
