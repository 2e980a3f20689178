/// Moving on to another version: what was compared with its checksum is not compared again.
///
/// LMDB writes no page again that an open transaction may read. So where two snapshots are open at once, a block that lies
/// at the same place in both is the same bytes, whatever was published, folded or collected between them.
extension IDTableShard {
  /// Takes over what another snapshot's reader of this table, still open, has found whole.
  func keepVerified(of other: IDTableShard) {
    index.keepVerified(of: other.index)
    ids.keepVerified(of: other.ids)
    // Columns are only ever added.
    for (own, known) in zip(columns, other.columns) { own.keepVerified(of: known) }
  }
}

extension IndexDirectory {
  fileprivate func keepVerified(of other: IndexDirectory) {
    // A copied block lies elsewhere than in the map.
    guard copy == nil, other.copy == nil else { return }
    var word = 0
    while word < words.count {
      let (first, count, _) = range(of: word)
      word = first + count
      let blockDepth = Int(depths[first])
      guard words[first].isUnverified, blockDepth <= other.depth else { continue }
      let place = (first >> (depth - blockDepth)) << (other.depth - blockDepth)
      guard Int(other.depths[place]) == blockDepth, other.words[place].isVerified(at: words[first].content) else {
        continue
      }
      for word in first..<first + count { words[word] = .verified(words[word].content) }
    }
  }
}

extension ColumnBlocks {
  fileprivate func keepVerified(of other: ColumnBlocks) {
    guard column.number == other.column.number, layout.stride == other.layout.stride, column.type == other.column.type
    else { return }
    var patched: [UInt] = []
    for block in 0..<min(words.count, other.words.count) {
      let word = words[block]
      guard word.isUnverified, other.words[block].isVerified(at: word.content) else { continue }
      if let patches, patches.chainLength(block >> (layout.groupShift ?? 0)) > 0 {
        // Its patches are still to be found, at the first touch.
        patched.append(UInt(bitPattern: word.content) - UInt(BlockHeader.size))
      } else {
        words[block] = .verified(word.content)
      }
    }
    snapshot.keepVerified(patched)
  }
}

extension BlockWord {
  fileprivate func isVerified(at place: UnsafeRawPointer) -> Bool { !isNone && !isUnverified && content == place }
}
