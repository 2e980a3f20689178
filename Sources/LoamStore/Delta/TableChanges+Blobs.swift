extension TableChanges {
  func forEachBlob(_ body: (TableChange) throws(StoreError) -> Void) throws(StoreError) -> Counts {
    guard let reader = try BlobReader(newer, name) else { return Counts() }
    let before: BlobReader?
    if let older { before = try BlobReader(older, name) } else { before = nil }
    var counts = Counts()
    for removed in Set(before?.names() ?? []).subtracting(reader.names()).sorted() {
      try body(.blob(removed, nil))
      counts.removed += 1
    }
    var changed: [Set<UInt64>] = []
    for shard in 0..<newer.shardCount {
      let blocks = try ChangedBlocks(
        older, newer, table: reader.spec.number, column: BlobDirectory.chunks, shard: shard)
      changed.append(Set(blocks.numbers.map { $0 >> 24 }))
    }
    for blob in reader.names() {
      let entry = reader.directory.entries[blob]!
      let known = before?.directory.entries[blob]
      if known == entry, !changed[Int(entry.number % UInt64(newer.shardCount))].contains(entry.number) { continue }
      let bytes = try reader.blob(named: blob) ?? []
      if known != nil, try before?.blob(named: blob) == bytes { continue }
      try body(.blob(blob, bytes))
      if known == nil { counts.inserted += 1 } else { counts.changed += 1 }
    }
    return counts
  }
}
