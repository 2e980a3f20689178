/// Which blocks differ between two kept versions, by the stamps that each sees (section 8).
final class SimulatedDelta: SimulatedProcess {
  let number: Int
  var pausedUntil = 0
  private var deltasLeft = 3
  private var isFirst = true
  private var chosen: (SimulatedCatalog.Version, SimulatedCatalog.Version)?
  private var snapshots: [SimulatedShard] = []

  init(_ world: SimulatedWorld) { number = world.nextProcessNumber() }

  func advance(_ world: SimulatedWorld) -> Bool {
    if isFirst {
      isFirst = false
      return true
    }
    guard let (from, to) = chosen else {
      let versions = world.catalog.versions
      guard versions.count > 1 else { return end() }
      let (a, b) = (world.below(versions.count), world.below(versions.count - 1))
      let other = b < a ? b : b + 1
      chosen = (versions[min(a, other)], versions[max(a, other)])
      return true
    }
    guard snapshots.count == SimulatedWorld.shardCount else {
      snapshots.append(world.shards[snapshots.count])
      return true
    }
    if world.catalog.place(of: from.number) != nil, world.catalog.place(of: to.number) != nil {
      compare(from, to, world)
      world.counts.deltas += 1
    }
    return end()
  }

  private func end() -> Bool {
    (chosen, snapshots) = (nil, [])
    deltasLeft -= 1
    return deltasLeft > 0
  }

  private func compare(_ from: SimulatedCatalog.Version, _ to: SimulatedCatalog.Version, _ world: SimulatedWorld) {
    for (number, shard) in snapshots.enumerated() {
      for cell in 0..<SimulatedShard.cells {
        let place = number * SimulatedShard.cells + cell
        guard world.truth(from.truth)[place] != world.truth(to.truth)[place] else { continue }
        if !differs(shard, cell, from, to, world.rules) { world.violate("a delta misses a changed block") }
      }
    }
  }

  private func differs(
    _ shard: SimulatedShard, _ cell: Int, _ from: SimulatedCatalog.Version, _ to: SimulatedCatalog.Version,
    _ rules: SimulatedRules
  ) -> Bool {
    let table = SimulatedShard.table(cell)
    guard rules.missing == .deltaByUnionOfChanges else {
      let (old, new) = (shard.newest(cell, upTo: from.stamp(table)), shard.newest(cell, upTo: to.stamp(table)))
      return old != new
    }
    return (shard.ends[cell]..<shard.ends[cell + 1]).contains { place in
      shard.hasChange(place) && shard.stamp(place) > from.stamp(table) && shard.stamp(place) <= to.stamp(table)
    }
  }
}
