import LoamPack
import LoamSchema
import LoamStore

/// The rows of a table in the order of a pack: ascending by the hash of their ID.
///
/// With seed 0 the hash is the one that deals IDs to shards, so a shard's rows come one behind the other, and each of them
/// is looked at once. Memory is bounded: where a part of the hashes has too many rows, it is cut.
struct PackOrder {
  /// 16 bytes each.
  static let rowsAtOnce = 1 << 24
  private static let rowsPerBucket = 8

  private let table: IDTableReader
  private let seed: UInt64
  private let rowsAtOnce: Int

  init(_ table: IDTableReader, seed: UInt64, rowsAtOnce: Int = Self.rowsAtOnce) {
    (self.table, self.seed, self.rowsAtOnce) = (table, seed, rowsAtOnce)
  }

  /// Calls `body` with pieces of at most `rows` rows.
  func forEachPiece(rows: Int, _ body: ([ID], [RowReference]) throws(ExportError) -> Void) throws(ExportError) {
    let parts = max(1, (table.rowCount + rowsAtOnce - 1) / rowsAtOnce, seed == 0 ? table.shardCount : 1)
    for part in 0..<parts {
      let sorted = try sorted(Self.bound(part, parts)..<Self.bound(part + 1, parts))
      for first in stride(from: 0, to: sorted.count, by: rows) {
        let piece = sorted[first..<min(first + rows, sorted.count)]
        try body(piece.map(\.id), piece.map(\.row))
      }
    }
  }

  /// Where a part begins, in the hash's upper 32 bits.
  private static func bound(_ part: Int, _ parts: Int) -> UInt64 { (UInt64(part) << 32) / UInt64(parts) }

  private typealias Entry = (id: ID, row: RowReference)

  /// Counted into buckets of a few rows, then sorted within each: the IDs are read twice, and need no second copy.
  private func sorted(_ part: Range<UInt64>) throws(ExportError) -> [Entry] {
    var count = 0
    try forEachRow(part) { _, _, _ in count += 1 }
    let buckets = UInt64(max(1, count / Self.rowsPerBucket))
    let span = part.upperBound - part.lowerBound
    var ends = [UInt32](repeating: 0, count: Int(buckets) + 1)
    func bucket(_ hash: UInt64) -> Int { Int(((hash >> 32) - part.lowerBound) * buckets / span) }
    try forEachRow(part) { hash, _, _ in ends[bucket(hash) + 1] += 1 }
    for bucket in 1...Int(buckets) { ends[bucket] += ends[bucket - 1] }
    var entries = [Entry](repeating: (0, .none), count: count)
    try forEachRow(part) { hash, id, row in
      let bucket = bucket(hash)
      entries[Int(ends[bucket])] = (id, row)
      ends[bucket] += 1
    }
    let seed = seed
    entries.withUnsafeMutableBufferPointer { entries in
      var first = 0
      for end in ends.dropLast().map(Int.init) {
        var bucket = UnsafeMutableBufferPointer(rebasing: entries[first..<end])
        bucket.sort { PackIndex.hash($0.id, seed: seed) < PackIndex.hash($1.id, seed: seed) }
        first = end
      }
    }
    return entries
  }

  private func forEachRow(_ part: Range<UInt64>, _ body: (UInt64, ID, RowReference) -> Void) throws(ExportError) {
    do {
      for shard in 0..<table.shardCount where mayHold(shard, part) {
        try table.forEachRow(shard: shard) { row, id in
          let hash = PackIndex.hash(id, seed: seed)
          if part.contains(hash >> 32) { body(hash, id, row) }
        }
      }
    } catch {
      guard let error = error as? any LoamError else { preconditionFailure("\(error)") }
      throw ExportError(error, while: "reading \(table.spec.name)")
    }
  }

  /// A shard holds the slices of its share of the hash's upper 16 bits.
  private func mayHold(_ shard: Int, _ part: Range<UInt64>) -> Bool {
    guard seed == 0 else { return true }
    let count = UInt64(table.shardCount)
    let slices = (UInt64(shard) << 16) / count..<((UInt64(shard) + 1) << 16) / count + 1
    return slices.lowerBound << 16 < part.upperBound && part.lowerBound < slices.upperBound << 16
  }
}
