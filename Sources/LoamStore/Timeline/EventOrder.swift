import LoamKernels

/// Sorts events by key: once by the hash's first bits into small groups, then each group.
enum EventOrder {
  private struct Entry {
    var hash: UInt64
    var time: Int64
    /// Events wait in order of arrival, so that the position decides between equal times.
    var position: UInt32

    @inline(__always)
    static func < (a: Self, b: Self) -> Bool {
      if a.hash != b.hash { return a.hash < b.hash }
      return a.time != b.time ? a.time < b.time : a.position < b.position
    }
  }
  private static let groupEvents = 64

  /// Positions in the order of keys, of events that are in order of arrival.
  static func sorted(_ block: EventBlock) -> [UInt32] {
    let count = block.count
    guard count > 1 else { return count == 1 ? [0] : [] }
    let hashes = block.entities.map { loam_mix64($0) }
    // A shard's hashes share their first bits: groups are parts of the span that there is.
    let (low, high) = (hashes.min()!, hashes.max()!)
    var bits = 0
    while bits < 24 && count >> bits > groupEvents { bits += 1 }
    let shift = UInt64(max(0, 64 - (high - low).leadingZeroBitCount - bits))
    let groups = Int((high - low) >> shift) + 1
    var starts = [Int](repeating: 0, count: groups + 1)
    for hash in hashes { starts[Int((hash - low) >> shift) + 1] += 1 }
    for group in 0..<groups { starts[group + 1] += starts[group] }
    var next = starts
    var entries = [Entry](repeating: Entry(hash: 0, time: 0, position: 0), count: count)
    for position in 0..<count {
      let group = Int((hashes[position] - low) >> shift)
      entries[next[group]] = Entry(
        hash: hashes[position], time: block.times[position], position: UInt32(position))
      next[group] += 1
    }
    for group in 0..<groups where starts[group + 1] - starts[group] > 1 {
      entries[starts[group]..<starts[group + 1]].sort(by: <)
    }
    return entries.map(\.position)
  }
}
