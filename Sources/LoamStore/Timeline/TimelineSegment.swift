import LoamKernels
import LoamSchema

/// The blocks of one segment: where each begins, and its address in the map.
///
/// ```
///   hash of an entity ─▶ bucket (its first bits) ─▶ blocks that begin there ─▶ the last one that begins before
/// ```
///
/// Hashes spread evenly, so a bucket has about one block, except where one entity fills many.
// Sendable: the tables are written before anyone else has the segment.
final class TimelineSegment: @unchecked Sendable {
  let meta: TimelineMeta.Segment
  let words: BlockWords
  /// Of each block's content; 0: there is no such block.
  private let lengths: [UInt32]
  private let hashes: UnsafeMutableBufferPointer<UInt64>
  private let times: UnsafeMutableBufferPointer<Timestamp>
  /// For each bucket the number of blocks that begin before it, and their sum at the end.
  private let buckets: UnsafeMutableBufferPointer<UInt32>
  private let shift: UInt64

  var blockCount: Int { hashes.count }
  var largestBlockBytes: Int { Int(lengths.max() ?? 0) }

  /// - Parameter contents: of the blocks that the version shows, by their index.
  init(_ meta: TimelineMeta.Segment, _ contents: [(index: Int, content: UnsafeRawBufferPointer)]) {
    self.meta = meta
    hashes = Self.copy(meta.blocks.map(\.hash))
    times = Self.copy(meta.blocks.map(\.time))
    let words = BlockWords(count: hashes.count)
    var lengths = [UInt32](repeating: 0, count: hashes.count)
    for (index, content) in contents {
      words[index] = .unverified(content.baseAddress!)
      lengths[index] = UInt32(content.count)
    }
    (self.words, self.lengths) = (words, lengths)
    guard let low = hashes.first, let high = hashes.last else {
      (buckets, shift) = (Self.copy([]), 0)
      return
    }
    let bits = 64 - hashes.count.leadingZeroBitCount
    let shift = UInt64(max(0, 64 - (high - low).leadingZeroBitCount - bits))
    var starts = [UInt32](repeating: 0, count: Int((high - low) >> shift) + 2)
    for hash in hashes { starts[Int((hash - low) >> shift) + 1] += 1 }
    for bucket in 1..<starts.count { starts[bucket] += starts[bucket - 1] }
    (buckets, self.shift) = (Self.copy(starts), shift)
  }

  deinit {
    hashes.deallocate()
    times.deallocate()
    buckets.deallocate()
  }

  private static func copy<T: BitwiseCopyable>(_ numbers: [T]) -> UnsafeMutableBufferPointer<T> {
    let copy = UnsafeMutableBufferPointer<T>.allocate(capacity: numbers.count)
    _ = copy.initialize(from: numbers)
    return copy
  }

  func bytes(_ index: Int) -> UInt? { lengths[index] == 0 ? nil : UInt(lengths[index]) }

  /// The last block that begins before the entity's first event at `time`; `nil`: the segment has none before it.
  func lastBlock(_ hash: UInt64, before time: Timestamp) -> Int? {
    guard let lowest = hashes.first, hash >= lowest else { return nil }
    let offset = (hash &- lowest) &>> shift
    var (low, high) = (hashes.count, hashes.count)
    if offset < UInt64(buckets.count &- 1) {
      let bucket = Int(truncatingIfNeeded: offset)
      (low, high) = (Int(buckets[bucket]), Int(buckets[bucket &+ 1]))
    }
    // The first block that does not begin before.
    while low < high {
      let middle = (low &+ high) &>> 1
      if hashes[middle] < hash || (hashes[middle] == hash && times[middle] < time) {
        low = middle &+ 1
      } else {
        high = middle
      }
    }
    return low == 0 ? nil : low &- 1
  }

  /// Whether events of the entity may lie before block `index`, which begins with its hash.
  @inline(__always)
  func begins(_ index: Int, with hash: UInt64) -> Bool { hashes[index] == hash }
}
