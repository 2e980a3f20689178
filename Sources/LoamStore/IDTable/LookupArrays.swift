import LoamKernels

/// What the lookup kernels read of a table: flat arrays of pointers, made once for a reader.
///
/// ```
///   index     ─▶ shards    directory words, depth, slots in use
///   columns   ─▶ for each shard the words of its blocks; layout; the row of IDs in blocks that are not stored
/// ```
// Sendable: never written after init. The words that it points at belong to the shards, are atomics, and stay in place
// since a reader's arrays never grow; whoever holds this holds the shards.
final class LookupArrays: @unchecked Sendable {
  let index: UnsafePointer<loam_lookup_index>
  /// In the order of the table's columns.
  let columns: UnsafePointer<loam_lookup_column>
  /// As long as the longest row: the row of an ID that has none.
  let zeros: UnsafeRawPointer

  private let shards: [IDTableShard]
  private let arrays: [UnsafeMutableRawPointer]

  init(_ shards: [IDTableShard]) {
    var arrays: [UnsafeMutableRawPointer] = []
    func array<Element>(_ elements: [Element]) -> UnsafePointer<Element> {
      let start = UnsafeMutablePointer<Element>.allocate(capacity: max(elements.count, 1))
      start.initialize(from: elements, count: elements.count)
      arrays.append(UnsafeMutableRawPointer(start))
      return UnsafePointer(start)
    }
    /// Where one shard of a column is patched, the others have words too.
    func overlays(_ column: Int) -> [loam_patch_overlay] {
      shards.map { shard in
        let blocks = shard.columns[column]
        if let patches = blocks.patches { return patches.kernel }
        let none = [loam_patch_word](
          repeating: loam_patch_word(), count: blocks.words.count * blocks.layout.bitmapWords)
        return loam_patch_overlay(words: array(none), entries: nil, packs: nil)
      }
    }
    let columns = shards[0].columns
    let longest = columns.map(\.layout.stride).max() ?? 0
    let zeros = UnsafeMutableRawPointer.allocate(byteCount: max(longest, 64), alignment: 64)
    zeros.initializeMemory(as: UInt8.self, repeating: 0, count: max(longest, 64))
    arrays.append(zeros)
    self.zeros = UnsafeRawPointer(zeros)

    let directories = array(
      shards.map { shard in
        loam_lookup_shard(
          directory: shard.index.words.start, shift: UInt32(63 - shard.index.depth), slots: shard.meta.slots)
      })
    index = array([loam_lookup_index(shards: directories, count: shards.count)])
    self.columns = array(
      columns.indices.map { column in
        let layout = columns[column].layout
        let isPatched = shards.contains { $0.columns[column].patches != nil }
        return loam_lookup_column(
          blocks: array(shards.map { Optional($0.columns[column].words.start) }), reciprocal: layout.reciprocal,
          rowsPerBlock: UInt32(layout.rowsPerBlock), stride: UInt32(layout.stride),
          initial: shards[0].initial[column].isZero ? UnsafeRawPointer(zeros) : nil,
          patches: isPatched ? array(overlays(column)) : nil, bitmapWords: UInt32(layout.bitmapWords),
          groupShift: UInt32(layout.groupShift ?? 0), changed: nil)
      })
    (self.shards, self.arrays) = (shards, arrays)
  }

  deinit { for array in arrays { array.deallocate() } }
}
