/// Several tables in one call.
extension Snapshot {
  /// Answers requests of tables of this snapshot, all or with an error.
  ///
  /// ```swift
  /// try snapshot.lookup([
  ///   LookupRequest(items, itemIDs, column: vector, into: itemVectors),                       // [ids, width]
  ///   LookupRequest(genres, genreIDs, bags: offsets, .mean, column: vector, into: genreMeans),  // [bags, width]
  /// ], threads: 2)
  /// ```
  ///
  /// Small requests share the time of their memory accesses, so 26 tables with one ID each take little longer than 26
  /// IDs of one table. What is written is the same for any number of threads.
  ///
  /// - Parameters:
  ///   - requests: their outputs must not overlap.
  ///   - threads: at most so many work, this one among them; they come from the process's pool. 0: one a core.
  /// - Throws: what the first request that fails would throw alone. Outputs are partly written then, and nothing of a
  ///   damaged block is ever in them.
  public func lookup(_ requests: [LookupRequest], threads: Int = 1) throws(StoreError) {
    // The standard library's closures keep no typed error, hence the Result.
    let result = requests.withUnsafeBufferPointer { requests -> Result<Void, StoreError> in
      do throws(StoreError) { return .success(try lookup(requests, threads: threads)) } catch { return .failure(error) }
    }
    try result.get()
  }

  private func lookup(_ requests: UnsafeBufferPointer<LookupRequest>, threads: Int) throws(StoreError) {
    for number in requests.indices {
      precondition(requests[number].reader.snapshot === self, "tables of this snapshot")
    }
    let pieces = LookupPlan(requests).pieces
    try Parallel.forEach(pieces.count, threads: threads) { (piece) throws(StoreError) in
      try pieces[piece].run(requests)
    }
  }
}
