import LoamSchema

extension TableChanges {
  /// Events, some thousand a piece.
  private static let eventsPerPiece = 8_192

  func forEachEvent(_ body: (TableChange) throws(StoreError) -> Void) throws(StoreError) -> Counts {
    let before = try older.map { snapshot throws(StoreError) in try changedEvents(snapshot, beside: newer) } ?? [:]
    let after = try changedEvents(newer, beside: older)
    // Segments that were merged hold events of both versions; of the same arrival they are the same event, unless a
    // revert lies between.
    let removed = before.filter { after[$0.key] != $0.value }.keys.sorted()
    let inserted = after.filter { before[$0.key] != $0.value }.keys.sorted()
    try forEachRemoved(removed, body)
    var start = 0
    while start < inserted.count {
      var end = start + 1
      while end < inserted.count, end - start < Self.eventsPerPiece, inserted[end] == inserted[end - 1] + 1 { end += 1 }
      try body(.events(first: inserted[start], inserted[start..<end].map { after[$0]!.event }))
      start = end
    }
    return Counts(inserted: UInt64(inserted.count), removed: UInt64(removed.count))
  }

  private struct Found: Equatable {
    var event: Event
    var hash: UInt128
    static func == (a: Self, b: Self) -> Bool { a.hash == b.hash }
  }

  /// By arrival, the events in blocks that the other version does not show.
  private func changedEvents(_ snapshot: Snapshot, beside other: Snapshot?) throws(StoreError) -> [UInt64: Found] {
    guard let reader = try TimelineReader(snapshot, name) else { return [:] }
    var found: [UInt64: Found] = [:]
    for shard in reader.shards {
      let changed = Set(
        try ChangedBlocks(
          other, snapshot, table: reader.spec.number, column: TimelineMeta.events, shard: shard.number
        ).numbers)
      for segment in shard.segments {
        for index in 0..<segment.blockCount
        where changed.contains(TimelineMeta.address(reader.spec, segment: segment.meta.number, block: index).block) {
          let block = try shard.decoded(segment, index)
          for position in 0..<block.count {
            found[block.arrivals[position]] = Found(
              event: block.event(position, reader.fields), hash: block.rowHash(position, reader.fields))
          }
        }
      }
    }
    return found
  }
}
