import LoamKernels
import Synchronization

/// Where the patched rows of a column lie, in one shard of a snapshot.
///
/// ```
///   row ─▶ its bit ─▶ 0: the block's own row, as if nothing were patched
///                     1: its rank ─▶ entry: pack << 24 | position ─▶ row in the pack
/// ```
///
/// A group's packs are verified and resolved when one of its blocks is first touched. Until then the words of its blocks
/// are unverified, so nobody takes a row by its bits.
// Sendable: what kernels read of a group is written once, under the mutex, before the words of its blocks are released as
// verified; bits are words of one block each.
final class PatchOverlay: @unchecked Sendable {
  private let layout: RowLayout
  private let column: ColumnSpec
  private let snapshot: Snapshot
  /// By group; empty where nothing is patched.
  private let chains: [[Block]]
  private let blocks: Int
  private let shift: Int

  /// `bitmapWords` a block.
  private let words: UnsafeMutablePointer<loam_patch_word>
  /// Of all groups, in the order in which they were resolved.
  private let entries: UnsafeMutablePointer<UInt32>
  /// `chainMax` for each group: where the rows of its packs begin.
  private let starts: UnsafeMutablePointer<UnsafeRawPointer?>
  private let arrays: PatchArrays
  private let resolved: Mutex<Resolved>

  private struct Resolved {
    var groups: Set<Int> = []
    /// Blocks of a group that have patched rows.
    var patched: [Int: UInt64] = [:]
    /// Of `entries` in use.
    var entries = 0
  }

  /// - Parameter blocks: of the column in this shard.
  init(_ snapshot: Snapshot, _ column: ColumnSpec, _ layout: RowLayout, blocks: Int, _ found: [PatchChain])
    throws(StoreError)
  {
    (self.snapshot, self.column, self.layout, self.blocks) = (snapshot, column, layout, blocks)
    shift = layout.groupShift ?? 0
    let count = (blocks >> shift) + 1
    var chains = [[Block]](repeating: [], count: count)
    for chain in found {
      guard layout.groupShift != nil, chain.group < count, chain.packs.count <= PatchPack.chainMax else {
        throw StoreError(
          .badBlock,
          "\(chain.packs[0].address): \(chain.packs.count) patches of \(count) groups of blocks, at most "
            + "\(PatchPack.chainMax) each")
      }
      chains[chain.group] = chain.packs
    }
    self.chains = chains
    let wordCount = max(blocks, 1) * layout.bitmapWords
    // A row has at most one entry in each pack that holds it.
    let entriesMax = chains.joined().reduce(0) { $0 + $1.payload.count / layout.stride }
    arrays = PatchArrays(bytes: wordCount * 16 + count * 8 * PatchPack.chainMax + entriesMax * 4)
    words = arrays.take(wordCount)
    starts = arrays.take(count * PatchPack.chainMax)
    entries = arrays.take(entriesMax)
    resolved = Mutex(Resolved())
  }

  /// For kernels; valid as long as this lives.
  var kernel: loam_patch_overlay {
    loam_patch_overlay(
      words: UnsafePointer(words), entries: UnsafePointer(entries), packs: UnsafePointer(starts))
  }

  /// For kernels: the marks of a resolved block, entries, and where the packs of its group begin.
  func kernel(block: Int) -> (
    words: UnsafePointer<loam_patch_word>, entries: UnsafePointer<UInt32>, packs: UnsafePointer<UnsafeRawPointer?>
  )? {
    guard block < blocks else { return nil }
    return (
      UnsafePointer(words + block * layout.bitmapWords), UnsafePointer(entries),
      UnsafePointer(starts + block >> shift * PatchPack.chainMax)
    )
  }

  /// Packs that a reader looks through for a block of this group.
  func chainLength(_ group: Int) -> Int { group < chains.count ? chains[group].count : 0 }

  /// The blocks of a resolved group that have patched rows.
  func patched(_ group: Int) -> UInt64 { resolved.withLock { $0.patched[group] ?? 0 } }

  /// The row of a resolved block in its newest pack; `nil`: the block's own.
  @inline(__always)
  func row(block: Int, row: Int) -> UnsafeRawPointer? {
    guard block < blocks else { return nil }
    let word = words[block &* layout.bitmapWords &+ row >> 6]
    let bit = UInt64(1) << UInt64(row & 63)
    guard word.bits & bit != 0 else { return nil }
    let entry = entries[Int(word.first) + (word.bits & (bit - 1)).nonzeroBitCount]
    return starts[block >> shift * PatchPack.chainMax + Int(entry >> 24)]! + Int(entry & 0xFF_FFFF) * layout.stride
  }

  /// Of a resolved block.
  func hasRows(block: Int) -> Bool { patched(block >> shift) >> UInt64(block & (1 << shift - 1)) & 1 != 0 }

  /// Writes the patched rows of a resolved block over a copy of its own rows.
  func apply(to rows: UnsafeMutableRawPointer, block: Int) {
    guard block < blocks else { return }
    for word in 0..<layout.bitmapWords {
      var left = words[block * layout.bitmapWords + word].bits
      while left != 0 {
        let row = word * 64 + left.trailingZeroBitCount
        (rows + row * layout.stride).copyMemory(from: self.row(block: block, row: row)!, byteCount: layout.stride)
        left &= left - 1
      }
    }
  }

  /// Verifies and reads the packs of a block's group.
  ///
  /// - Parameters:
  ///   - stamps: of the column's own blocks, 0 where there is none: what is older than it is not seen through it.
  ///   - slots: of the column; a patch of a row beyond them is damage.
  ///   - other: an older version's, open as well, with its stamps: packs that it has resolved are not looked at again.
  func resolve(
    block: Int, stamps: [Stamp], slots: UInt32, since other: (overlay: PatchOverlay, stamps: [Stamp])? = nil
  ) throws(StoreError) {
    let group = block >> shift
    guard group < chains.count, !chains[group].isEmpty else { return }
    try resolved.withLock { resolved throws(StoreError) in
      guard !resolved.groups.contains(group) else { return }
      let first = group << shift
      let last = min(first + 1 << shift, blocks)
      let known =
        other.map { other in
          let haveSameBlocks = stamps[first..<last] == other.stamps.dropFirst(first).prefix(last - first)
          return haveSameBlocks ? packsKnown(to: other.overlay, group) : 0
        } ?? 0
      let packs = try packs(group, from: known)
      var end = resolved.entries
      var patched: UInt64 = 0
      var entryOfRow = [UInt32](repeating: 0, count: layout.rowsPerBlock)
      for block in first..<last {
        let stamp = stamps[block]
        let words = words + block * layout.bitmapWords
        let rows = layout.rows(block: block, slots: slots)
        var (isBeyond, isPatched) = (false, false)
        if known > 0, let other = other?.overlay {
          other.forEachRow(ofBlock: block) { row, entry in
            words[row >> 6].bits |= 1 << UInt64(row & 63)
            entryOfRow[row] = entry
            isPatched = true
          }
        }
        for (place, pack) in packs.enumerated() where stamp > 0 && pack.stamp > stamp && pack.contains(block: block) {
          let number = known + place
          pack.forEachRow(ofBlock: block) { row, position in
            guard row < rows else { return isBeyond = true }
            words[row >> 6].bits |= 1 << UInt64(row & 63)
            entryOfRow[row] = UInt32(number) << 24 | UInt32(position)
          }
          isPatched = true
        }
        if isPatched { patched |= 1 << UInt64(block - first) }
        guard !isBeyond else {
          throw StoreError(.badBlock, "\(chains[group][0].address): a patch of block \(block) beyond its \(rows) rows")
        }
        for word in 0..<layout.bitmapWords {
          words[word].first = UInt32(end)
          var left = words[word].bits
          while left != 0 {
            entries[end] = entryOfRow[word * 64 + left.trailingZeroBitCount]
            end += 1
            left &= left - 1
          }
        }
      }
      let starts = self.starts + group * PatchPack.chainMax
      for number in 0..<known { starts[number] = other?.overlay.starts[group * PatchPack.chainMax + number] }
      for (place, pack) in packs.enumerated() { starts[known + place] = pack.rows }
      resolved.entries = end
      resolved.patched[group] = patched
      resolved.groups.insert(group)
    }
  }

  /// How many of the group's packs another overlay, of the same column, has resolved over the same blocks: all of its own,
  /// where ours go on from them, or none.
  private func packsKnown(to other: PatchOverlay, _ group: Int) -> Int {
    guard group < other.chains.count, other.isResolved(group) else { return 0 }
    let known = other.chains[group]
    let isSame = zip(known, chains[group]).allSatisfy {
      $0.stamp == $1.stamp && $0.value.baseAddress == $1.value.baseAddress
    }
    return isSame && known.count <= chains[group].count ? known.count : 0
  }

  private func isResolved(_ group: Int) -> Bool { resolved.withLock { $0.groups.contains(group) } }

  /// Patched rows of a block of a resolved group, with their entries.
  private func forEachRow(ofBlock block: Int, _ body: (_ row: Int, _ entry: UInt32) -> Void) {
    guard block < blocks else { return }
    for number in 0..<layout.bitmapWords {
      let word = words[block * layout.bitmapWords + number]
      var (left, place) = (word.bits, Int(word.first))
      while left != 0 {
        body(number * 64 + left.trailingZeroBitCount, entries[place])
        place += 1
        left &= left - 1
      }
    }
  }

  /// Those after the first `known` ones.
  private func packs(_ group: Int, from known: Int) throws(StoreError) -> [PatchPack] {
    let packs = try snapshot.packs(of: PatchChain(group: group, packs: chains[group]), from: known)
    for (pack, block) in zip(packs, chains[group][known...]) {
      guard pack.rowsPerBlock == layout.rowsPerBlock, pack.stride == layout.stride, pack.type == column.type else {
        throw StoreError(
          .badBlock,
          "\(block.address), stamp \(block.stamp): a patch of \(pack.rowsPerBlock) rows of \(pack.stride) bytes "
            + "(\(pack.type)) in a column of \(layout.rowsPerBlock) of \(layout.stride) (\(column.type))")
      }
    }
    return packs
  }
}
