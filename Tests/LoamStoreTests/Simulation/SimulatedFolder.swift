/// A process that writes the patched blocks of a held version whole, under the stamp of their newest patch (section 7).
final class SimulatedFolder: SimulatedProcess {
  private enum Place { case hold, open, fold, endHold }
  let number: Int
  var pausedUntil = 0
  private var place = Place.hold
  private var version: SimulatedCatalog.Version
  private var stamp = -1
  private var shard = 0
  private var seen: SimulatedShard?

  init(_ world: SimulatedWorld) {
    number = world.nextProcessNumber()
    version = world.anyVersion()
  }

  func advance(_ world: SimulatedWorld) -> Bool {
    switch place {
    case .hold:
      if world.rules.missing != .foldWithoutHold {
        guard case .begun(let begun) = world.begin(0, bases: [version.number], owner: number) else { return false }
        stamp = begun.stamp
      }
      place = .open
    case .open:
      seen = world.shards[shard]
      place = .fold
    case .fold:
      guard let seen else { return false }
      // What a failed transaction did not fold stays a chain.
      _ = world.changeShard(shard) { fold(seen, $0, world) }
      shard += 1
      place = shard < SimulatedWorld.shardCount ? .open : .endHold
      if place == .endHold, stamp < 0 { return false }
    case .endHold:
      let stamp = stamp
      _ = world.changeCatalog { catalog in
        guard let place = catalog.placeOfWrite(stamp) else { return false }
        catalog.writes.remove(at: place)
        catalog.retain(world.rules)
        return true
      }
      return false
    }
    return true
  }

  private func fold(_ seen: SimulatedShard, _ shard: SimulatedShard, _ world: SimulatedWorld) {
    var puts = 0
    for cell in 0..<SimulatedShard.cells where puts < SimulatedShard.putsMax {
      let place = seen.newest(cell, upTo: version.stamp(SimulatedShard.table(cell)))
      guard place >= 0, seen.isPatch(place), let content = seen.content(cell, place) else { continue }
      let newest = seen.stamp(place)
      // Somebody else may have folded it since; without a hold, removed it.
      let now = shard.newest(cell, upTo: newest)
      let isThere = now >= 0 && shard.stamp(now) == newest && shard.isPatch(now)
      guard isThere || world.rules.missing == .foldWithoutHold else { continue }
      shard.put(cell, newest, content, patch: false)
      puts += 1
      world.counts.folds += 1
    }
  }
}
