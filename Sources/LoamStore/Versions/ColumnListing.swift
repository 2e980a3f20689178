import LMDB

/// The blocks of one column of a shard that a version shows, found by their keys alone.
struct ColumnListing: Sendable {
  /// By ascending number; of a column of packs those of each chain, oldest first.
  fileprivate(set) var blocks: [Block] = []
  /// Ascending numbers of blocks that have stamps above the version's too: put before the listing was made, and
  /// published since, perhaps.
  fileprivate(set) var unseen: [UInt64] = []

  /// Where in `blocks` those of `number` and above begin.
  func place(of number: UInt64) -> Int {
    // Numbers without a gap, as a column's are as a rule, are places.
    if let guess = Int(exactly: number), guess < blocks.count, blocks[guess].address.block == number,
      guess == 0 || blocks[guess - 1].address.block < number
    {
      return guess
    }
    var (low, high) = (0, blocks.count)
    while low < high {
      let middle = (low + high) / 2
      if blocks[middle].address.block < number { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The newest block of a number.
  func block(_ number: UInt64) -> Block? {
    let place = place(of: number)
    return place < blocks.count && blocks[place].address.block == number ? blocks[place] : nil
  }
}

extension Snapshot {
  /// What this version shows of a column.
  ///
  /// - Parameters:
  ///   - expected: about how many blocks there are, where the caller knows.
  ///   - known: what an older snapshot showed, and how this one differs; the keys that both share are not read again.
  func listing(
    table: UInt32, column: UInt16, shard: Int, expected: Int = 0,
    since known: (listing: ColumnListing, changes: BlockChanges)? = nil
  ) throws(StoreError) -> ColumnListing {
    try requireUsable()
    guard let stamp = try stamp(of: table) else { return ColumnListing() }
    let ranges = known.map { $0.changes.numbers(ofColumn: column, and: $0.listing.unseen) } ?? [0...UInt64.max]
    if let known, ranges.isEmpty { return known.listing }
    return try lmdb { () throws(LMDBError) in
      try reads[shard].use { transaction throws(LMDBError) in
        let old = known?.listing ?? ColumnListing()
        var listing = ColumnListing()
        listing.blocks.reserveCapacity(max(expected, old.blocks.count + ranges.count))
        let tree = try transaction.tree(of: store.shards[shard].blocks)
        var place = 0
        for range in ranges {
          let first = old.place(of: range.lowerBound)
          listing.blocks += old.blocks[place..<first]
          try transaction.list(table, column, range, upTo: stamp, in: tree, into: &listing)
          place = range.upperBound == .max ? old.blocks.count : old.place(of: range.upperBound + 1)
        }
        listing.blocks += old.blocks[place...]
        return listing
      }
    }
  }
}

extension Transaction where Self: ~Copyable {
  /// Of every block of a column with a number in `range` the newest stamp up to `stamp`, deletions left out; of packs all
  /// since the last deletion.
  fileprivate func list(
    _ table: UInt32, _ column: UInt16, _ range: ClosedRange<UInt64>, upTo stamp: Stamp, in tree: MappedTree,
    into listing: inout ColumnListing
  ) throws(LMDBError) {
    let areChains = column & PatchPack.columnBit != 0
    let start = BlockKey(BlockAddress(table: table, column: column, block: range.lowerBound), 0)
    try start.withBytes { start throws(LMDBError) in
      try tree.forEach(from: start) { bytes, value throws(LMDBError) in
        let key = try blockKey(bytes)
        let number = key.address.block
        guard key.address.table == table, key.address.column == column, number <= range.upperBound else { return false }
        if key.stamp > stamp {
          if listing.unseen.last != number { listing.unseen.append(number) }
          return true
        }
        let isDeletion = value.count <= BlockHeader.size
        // Stamps of a block ascend: a newer visible one replaces what was found before.
        if isDeletion || !areChains {
          while listing.blocks.last?.address.block == number { listing.blocks.removeLast() }
        }
        if !isDeletion { listing.blocks.append(Block(address: key.address, stamp: key.stamp, value: value)) }
        return true
      }
    }
  }
}
