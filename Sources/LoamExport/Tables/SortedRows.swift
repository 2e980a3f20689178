import LoamSchema
import LoamStore

/// The rows of a table in ascending order of ID.
///
/// Each shard's rows are sorted by the bytes of their IDs, the lowest first, on a thread of its own; then they are merged.
/// Memory: 32 bytes a row while it sorts, 16 after it.
struct SortedRows: Sendable {
  let ids: [ID]
  let references: [RowReference]

  private struct Row {
    var id: ID
    var reference: RowReference
  }
  private typealias Rows = UnsafeMutableBufferPointer<Row>

  init(_ table: IDTableReader, threads: Int) throws(ExportError) {
    let shards = (0..<table.shardCount).map { shard in
      let slots = table.slots(shard: shard).count
      return (rows: Rows.allocate(capacity: slots), other: Rows.allocate(capacity: slots))
    }
    defer {
      for shard in shards {
        shard.rows.deallocate()
        shard.other.deallocate()
      }
    }
    let sorted = UnsafeMutableBufferPointer<Rows>.allocate(capacity: shards.count)
    defer { sorted.deallocate() }
    // Each item has a shard of its own.
    nonisolated(unsafe) let (work, result) = (shards, sorted)
    try Parallel.forEach(shards.count, threads: threads) { shard throws(ExportError) in
      let count = try Self.read(table, shard, into: work[shard].rows)
      (result.baseAddress! + shard).initialize(
        to: Self.sorted(
          Rows(rebasing: work[shard].rows[..<count]), Rows(rebasing: work[shard].other[..<count])))
    }
    (ids, references) = Self.merged(sorted.map { $0 })
  }

  /// Answers how many rows the shard has.
  private static func read(_ table: IDTableReader, _ shard: Int, into rows: Rows) throws(ExportError) -> Int {
    var count = 0
    do {
      try table.forEachRow(shard: shard) { reference, id in
        rows.initializeElement(at: count, to: Row(id: id, reference: reference))
        count += 1
      }
    } catch {
      guard let error = error as? any LoamError else { preconditionFailure("\(error)") }
      throw ExportError(error, while: "reading \(table.spec.name)")
    }
    return count
  }

  /// Sorts with the help of a second buffer of the same size, and answers in which of the two the rows are.
  private static func sorted(_ rows: Rows, _ other: Rows) -> Rows {
    var counts = [Int](repeating: 0, count: 8 * 256)
    for row in rows {
      for byte in 0..<8 { counts[byte << 8 | Int(row.id >> UInt64(8 * byte) & 255)] += 1 }
    }
    var (from, to) = (rows, other)
    for byte in 0..<8 {
      var places = Array(counts[byte << 8..<(byte + 1) << 8])
      // All IDs have the same byte here.
      if places.contains(rows.count) { continue }
      var place = 0
      for value in 0..<256 { (places[value], place) = (place, place + places[value]) }
      for row in from {
        let value = Int(row.id >> UInt64(8 * byte) & 255)
        to.initializeElement(at: places[value], to: row)
        places[value] += 1
      }
      swap(&from, &to)
    }
    return from
  }

  private static func merged(_ shards: [Rows]) -> ([ID], [RowReference]) {
    let count = shards.reduce(0) { $0 + $1.count }
    var (ids, references): ([ID], [RowReference]) = ([], [])
    ids.reserveCapacity(count)
    references.reserveCapacity(count)
    var rest = shards.filter { !$0.isEmpty }.map { $0[...] }
    while !rest.isEmpty {
      var least = 0
      for shard in 1..<max(1, rest.count) where rest[shard].first!.id < rest[least].first!.id { least = shard }
      let row = rest[least].removeFirst()
      ids.append(row.id)
      references.append(row.reference)
      if rest[least].isEmpty { rest.remove(at: least) }
    }
    return (ids, references)
  }
}
