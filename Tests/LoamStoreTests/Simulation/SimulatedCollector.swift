/// One bounded piece of collecting inside a shard transaction.
enum SimulatedCollector {
  /// - Parameter catalog: a state that was committed and read before the transaction began.
  static func collect(_ shard: SimulatedShard, _ catalog: SimulatedCatalog, blocksMax: Int, _ world: SimulatedWorld) {
    guard let latest = catalog.version(catalog.latest) else { return }
    let missing = world.rules.missing
    var left = blocksMax
    // From any cell on: pieces come in no particular order.
    let first = world.below(SimulatedShard.cells)
    var turn = 0
    while turn < SimulatedShard.cells, left > 0 {
      let cell = (first + turn) % SimulatedShard.cells
      let table = SimulatedShard.table(cell)
      var place = shard.ends[cell]
      while place < shard.ends[cell + 1], left > 0 {
        defer { place += 1 }
        guard shard.hasChange(place) else { continue }
        if shard.stamp(place) > latest.stamp(table), missing != .unpublishedStampsCollected { continue }
        guard shard.hasBlock(place) else {
          shard.removeChange(place)
          continue
        }
        while left > 0 {
          if shard.isPatch(place), missing != .collectingBelowAPatch { break }
          let older = shard.older(cell, place)
          if older < 0 {
            if shard.isDeletion(place) { shard.removeBlock(place) }
            shard.removeChange(place)
            break
          }
          if needs(catalog, table, shard.stamp(older), before: shard.stamp(place)) { break }
          shard.removeBlock(older)
          left -= 1
          world.counts.collected += 1
        }
      }
      turn += 1
    }
  }

  private static func needs(_ catalog: SimulatedCatalog, _ table: Int, _ older: Int, before newer: Int) -> Bool {
    var place = 0
    while place < catalog.versions.count {
      let stamp = catalog.versions[place].stamp(table)
      if older <= stamp, stamp < newer { return true }
      place += 1
    }
    return false
  }
}
