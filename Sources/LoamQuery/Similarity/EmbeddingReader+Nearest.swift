import Dispatch
import LoamSchema
import LoamStore
import Synchronization

extension EmbeddingReader {
  public struct Neighbour: Sendable, Equatable {
    public var id: ID
    /// In the terms of the `Similarity` that was asked for.
    public var value: Float
  }

  /// For each query the admitted IDs whose vectors are nearest to it, best first; equal ones by ID.
  ///
  /// Exact: compares with every row, `2 · queries · rows · dimension` operations. The products are f32; the values of
  /// those found are computed anew in double precision, so they do not depend on the size of the batch.
  ///
  /// - Parameters:
  ///   - queries: `[queries, dimension]`. Batches of 64 run several times as fast a query as single ones.
  ///   - threads: share the rows.
  ///   - isWanted: others are not compared. Called from several threads.
  public func nearest(
    to queries: [Float], count: Int, by similarity: Similarity = .cosine, threads: Int = 1,
    where isWanted: @Sendable (ID) -> Bool = { _ in true }
  ) throws(QueryError) -> [[Neighbour]] {
    precondition(dimension > 0 && queries.count % dimension == 0, "queries of \(dimension) elements")
    precondition(count > 0 && threads > 0, "\(count) neighbours by \(threads) threads")
    guard !queries.isEmpty else { return [] }
    let column = try QueryError.passing { () throws(StoreError) in try table.columnIndex("vector") }
    guard table.spec.columns[column].type == .f32 else {
      throw .query(.unknownTable, "\(table.spec.name) has no column 'vector' of f32")
    }
    let pieces = NearestPieces(table, chunkRows: NearestScan.chunkRows(width: dimension))
    let scans = (0..<threads).map { _ in
      NearestScan(table, column: column, queries: queries, best: count, by: similarity)
    }
    let failure = Mutex<QueryError?>(nil)
    let decays = table.spec.column("decay") != nil
    DispatchQueue.concurrentPerform(iterations: threads) { worker in
      do throws(QueryError) {
        while let piece = pieces.next() {
          try scans[worker].compare(
            shard: piece.shard, slots: piece.slots, where: { $0 <= ID.largest && isWanted($0) },
            settle: decays ? { slots, rows throws(QueryError) in try self.settle(piece.shard, slots, rows) } : nil)
        }
      } catch { failure.withLock { $0 = error } }
    }
    if let error = failure.withLock({ $0 }) { throw error }
    var answers: [[Neighbour]] = []
    for query in 0..<queries.count / dimension {
      var best = NearestHeap(capacity: count)
      for scan in scans { for entry in scan.heaps[query].entries { best.offer(entry) } }
      answers.append(
        try neighbours(best, of: queries[query * dimension..<(query + 1) * dimension], similarity))
    }
    return answers
  }

  /// The nearest neighbours of an ID, itself left out; `nil` where the model never admitted it.
  public func nearest(
    to id: ID, count: Int, by similarity: Similarity = .cosine, threads: Int = 1,
    where isWanted: @Sendable (ID) -> Bool = { _ in true }
  ) throws(QueryError) -> [Neighbour]? {
    guard let vector = try vector(of: id) else { return nil }
    return try nearest(to: vector, count: count, by: similarity, threads: threads) { $0 != id && isWanted($0) }[0]
  }

  private func neighbours(_ best: NearestHeap, of query: ArraySlice<Float>, _ similarity: Similarity)
    throws(QueryError) -> [Neighbour]
  {
    let vectors = try values("vector", best.entries.map(\.row))
    let found = best.entries.enumerated().map { place, entry in
      let vector = vectors[place * dimension..<(place + 1) * dimension]
      return Neighbour(id: entry.id, value: similarity.value(query, vector))
    }
    return found.sorted {
      $0.value != $1.value ? similarity.isNearer($0.value, than: $1.value) : $0.id < $1.id
    }
  }

  private func settle(_ shard: Int, _ slots: Range<UInt32>, _ vectors: UnsafeMutablePointer<Float>)
    throws(QueryError)
  {
    guard let factors = try factors(slots.map { RowReference(shard: shard, slot: $0) }) else { return }
    for (row, factor) in factors.enumerated() { Self.settle(vectors + row * dimension, dimension, factor) }
  }
}

/// The slots of a table, chunk by chunk, for whoever asks next.
private final class NearestPieces: Sendable {
  private let shards: [Range<UInt32>]
  private let chunkRows: UInt32
  private let place = Mutex((shard: 0, slot: UInt32(0)))

  init(_ table: IDTableReader, chunkRows: Int) {
    shards = (0..<table.shardCount).map { table.slots(shard: $0) }
    self.chunkRows = UInt32(chunkRows)
  }

  func next() -> (shard: Int, slots: Range<UInt32>)? {
    place.withLock { place in
      while place.shard < shards.count {
        let end = shards[place.shard].upperBound
        let start = place.slot
        guard start < end else {
          place = (place.shard + 1, 0)
          continue
        }
        place.slot = min(end, start + chunkRows)
        return (place.shard, start..<place.slot)
      }
      return nil
    }
  }
}
