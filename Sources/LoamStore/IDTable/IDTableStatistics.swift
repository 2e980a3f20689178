/// What an ID table holds and how full it is, for `loam stat`.
public struct IDTableStatistics: Sendable, Codable, Equatable {
  public var rows = 0
  /// Slots whose ID was removed, for IDs to come.
  public var freeSlots = 0
  public var indexBlocks = 0
  /// Share of the index's entries in use.
  public var indexLoad = 0.0
  /// Bytes of the blocks stored, by column; `/index`, `/id`, `/dictionary` and `/free` beside the table's own.
  public var bytes: [String: Int] = [:]

  public init() {}
}

extension IDTableReader {
  public func statistics() throws(StoreError) -> IDTableStatistics {
    var statistics = IDTableStatistics()
    statistics.rows = rowCount
    statistics.freeSlots = shards.reduce(0) { $0 + Int($1.meta.free) }
    var columns = spec.columns.map { ($0.name, $0.number) }
    columns += [
      ("/index", IDTableLayout.index), ("/id", IDTableLayout.ids), ("/dictionary", IDTableLayout.dictionary),
      ("/free", IDTableLayout.free),
    ]
    for (name, number) in columns {
      var bytes = 0
      for shard in 0..<snapshot.shardCount {
        let blocks = try snapshot.blocks(table: spec.number, column: number, shard: shard)
        bytes += blocks.reduce(0) { $0 + $1.payload.count }
        for chain in try snapshot.patchChains(table: spec.number, column: number, shard: shard) {
          bytes += chain.packs.reduce(0) { $0 + $1.payload.count }
        }
        if number == IDTableLayout.index { statistics.indexBlocks += blocks.count }
      }
      statistics.bytes[name] = bytes
    }
    if statistics.indexBlocks > 0 {
      statistics.indexLoad = Double(rowCount) / Double(statistics.indexBlocks * IndexBlock.capacity)
    }
    return statistics
  }
}
