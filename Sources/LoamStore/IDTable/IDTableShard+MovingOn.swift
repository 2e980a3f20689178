/// Moving on to another version: what was found whole is not compared again, and what was in use is made ready.
///
/// LMDB writes no page again that an open transaction may read. So where two snapshots are open at once, a block that lies
/// at the same place in both is the same bytes, whatever was published, folded or collected between them.
///
/// Blocks that the other reader has looked at and that are new here are compared, and their patches resolved, at once:
/// lookups after moving on are as fast as before, and whoever moves on pays in their place.
extension IDTableShard {
  /// A reader takes over from another one of this table, whose snapshot is open too.
  func moveOn(from other: IDTableShard) {
    index.moveOn(from: other.index)
    ids.moveOn(from: other.ids)
    // Columns are only ever added.
    for (own, known) in zip(columns, other.columns) { own.moveOn(from: known) }
  }
}

extension IndexDirectory {
  /// - Parameter other: a reader's or a writer's.
  func moveOn(from other: IndexDirectory) {
    var place = other.listing.blocks.startIndex
    for block in listing.blocks {
      let number = block.address.block
      while place < other.listing.blocks.endIndex, other.listing.blocks[place].address.block < number { place += 1 }
      guard place < other.listing.blocks.endIndex else { return }
      let known = other.listing.blocks[place]
      guard let theirs = other.word(ofBlock: number), let own = word(ofBlock: number) else { continue }
      let word = other.words[theirs]
      guard !word.isUnverified, !word.isNone else { continue }
      guard known.address.block == number, known.value.baseAddress == block.value.baseAddress, !word.isOwned else {
        // What cannot be read is said where it is looked at.
        _ = try? verify(own)
        continue
      }
      // Copied to huge pages, it is at its place if both share the copy.
      guard copy === other.copy else { continue }
      for word in own..<own + range(of: own).count { words[word] = other.words[theirs] }
    }
  }

  /// The first word of a block of the directory as it is; `nil`: it has been split, or is not here.
  private func word(ofBlock number: UInt64) -> Int? {
    let blockDepth = 63 - number.leadingZeroBitCount
    guard blockDepth <= depth else { return nil }
    let word = Int(number &- (1 << UInt64(blockDepth))) << (depth - blockDepth)
    return Int(depths[word]) == blockDepth ? word : nil
  }
}

extension ColumnBlocks {
  fileprivate func moveOn(from other: ColumnBlocks) {
    guard isSameColumn(as: other) else { return }
    for first in stride(from: 0, to: min(words.count, other.words.count), by: 1 << groupShift) {
      let group = first..<min(first + 1 << groupShift, words.count, other.words.count)
      let known = group.filter { !other.words[$0].isNone && !other.words[$0].isUnverified }
      guard let one = known.first(where: { words[$0].isUnverified }), resolvePatches(of: one, since: other) else {
        continue
      }
      for block in known where words[block].isUnverified {
        let content = words[block].content
        if other.words[block].isVerified(at: content) {
          words[block] = .verified(content)
        } else {
          // What cannot be read is said where it is looked at.
          _ = try? rows(block: block)
        }
      }
    }
  }

  func isSameColumn(as other: ColumnBlocks) -> Bool {
    column.number == other.column.number && layout == other.layout && column.type == other.column.type
  }

  private var groupShift: Int { layout.groupShift ?? 6 }

  /// Resolves the patches of a block's group on top of what another version's column has resolved of it. `false`: they
  /// cannot be read, which is said where a row of the group is looked at.
  private func resolvePatches(of block: Int, since other: ColumnBlocks) -> Bool {
    guard let patches else { return true }
    let known = other.patches.map { (overlay: $0, stamps: other.stamps) }
    return (try? patches.resolve(block: block, stamps: stamps, slots: slots, since: known)) != nil
  }
}

/// A writer moves on to the version that it has published.
extension IDTableShard {
  /// Takes the other's copies, which hold what was published: rows are changed again without copying their blocks.
  func takeCopies(of other: IDTableShard) {
    index.moveOn(from: other.index)
    ids.takeCopies(of: other.ids)
    for (own, known) in zip(columns, other.columns) { own.takeCopies(of: known) }
  }

  /// To be called when all changes have been put.
  func markPut() {
    for column in [ids] + columns { column.markPut() }
  }
}

extension ColumnBlocks {
  /// What changes from now on passes by `copy(block:)` first.
  fileprivate func markPut() {
    for block in 0..<words.count where words[block].isWarm { words[block] = .cold(words[block].copy) }
    isPut = true
  }

  fileprivate func takeCopies(of other: ColumnBlocks) {
    guard isSameColumn(as: other) else { return }
    let known = other.patches.map { (overlay: $0, stamps: other.stamps) }
    for block in 0..<min(bases.count, other.words.count) where !bases[block].isNone {
      let base = block < other.bases.count ? other.bases[block] : .none
      if bases[block].isUnverified, base.isVerified(at: bases[block].content) { bases[block] = base }
      // What an earlier version resolved is at hand now only; what cannot be read is said where it is looked at.
      if !base.isNone, !base.isUnverified {
        try? patches?.resolve(block: block, stamps: stamps, slots: slots, since: known)
      }
      // Written by nobody else: the table is leased to this write.
      let word = other.words[block]
      guard other.isPut, word.isOwned else { continue }
      words[block] = .clean(word.copy)
      other.words[block] = .none
      copies += 1
      other.copies -= 1
    }
  }
}
