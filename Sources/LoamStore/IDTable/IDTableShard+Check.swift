import LoamKernels

extension IDTableShard {
  /// Compares the index with the IDs of the slots, and touches every block.
  func check() throws(StoreError) {
    let free = try free.set()
    guard free.count == meta.free, free.first(from: meta.slots) == nil else {
      throw damaged("\(free.count) slots are marked as free, of \(meta.free) among \(meta.slots)")
    }
    var entries = 0
    try index.forEachBlock { (block, word) throws(StoreError) in
      let (first, count, _) = index.range(of: word)
      guard !index.words[first].isNone else { return }
      // A word of the range finds the block by any hash that leads to it.
      let content = try index.block(of: UInt64(first) << UInt64(48 - index.depth))
      for line in 0..<IndexBlock.lines {
        for position in 0..<IndexBlock.count(inLine: line, of: content) {
          let (id, slot) = IndexBlock.entry(content, line: line, position)
          let hash = loam_mix64(id)
          guard (first..<first + count).contains(index.word(of: hash)),
            Sharding.shard(hash: hash, count: snapshot.shardCount) == number
          else { throw damaged("index block \(block) holds ID \(id), which belongs elsewhere") }
          guard slot < meta.slots, !free.contains(slot), try self.id(slot) == id else {
            throw damaged("index block \(block) gives ID \(id) slot \(slot), which is another's")
          }
          guard IndexBlock.find(content, id, hash: hash) == slot else {
            throw damaged("index block \(block) holds ID \(id) where a lookup does not find it")
          }
          entries += 1
        }
      }
    }
    guard entries == meta.rows else { throw damaged("\(entries) IDs in the index, \(meta.rows) slots in use") }
    for column in columns {
      for block in 0..<column.words.count { _ = try column.rows(block: block) }
    }
    guard meta.hasStrings else { return }
    for slot in 0..<meta.slots where !free.contains(slot) {
      let id = try id(slot)
      let hash: UInt64? = try dictionary.withString(slot) { string in
        string?.withUnsafeBytes { loam_hash_bytes($0.baseAddress, $0.count) }
      }
      if let hash, hash != id { throw damaged("slot \(slot): ID \(id) is not the hash of its string") }
    }
  }

  private func damaged(_ what: String) -> StoreError {
    StoreError(.badBlock, "\(spec.name) shard \(number): \(what)")
  }
}
