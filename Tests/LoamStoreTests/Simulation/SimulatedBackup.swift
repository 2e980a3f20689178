/// Holds the kept versions, copies the catalog, then the shards one after the other; then restores (section 8).
final class SimulatedBackup: SimulatedProcess {
  private enum Place { case hold, copyCatalog, copyShards, endHold }
  let number: Int
  var pausedUntil = 0
  private var place = Place.hold
  private var held: [Int] = []
  private var stamp = 0
  private var catalog: SimulatedCatalog
  private var copies: [SimulatedShard] = []

  init(_ world: SimulatedWorld) {
    number = world.nextProcessNumber()
    catalog = world.catalog
  }

  func advance(_ world: SimulatedWorld) -> Bool {
    switch place {
    case .hold:
      held = world.catalog.versions.map(\.number)
      guard world.rules.missing != .backupWithoutHold else {
        catalog = world.catalog
        place = .copyShards
        return true
      }
      guard case .begun(let begun) = world.begin(0, bases: held, owner: number) else { return false }
      if held.last != begun.base { held.append(begun.base) }
      stamp = begun.stamp
      place = .copyCatalog
    case .copyCatalog:
      catalog = world.catalog
      guard catalog.placeOfWrite(stamp) != nil else { return false }
      place = .copyShards
    case .copyShards:
      copies.append(SimulatedShard(copyOf: world.shards[copies.count]))
      guard copies.count == SimulatedWorld.shardCount else { return true }
      restore(world)
      place = .endHold
      return world.rules.missing != .backupWithoutHold
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

  /// The records of the hold alone; blocks above its highest version go, lest stamps given again meet them.
  private func restore(_ world: SimulatedWorld) {
    guard let latest = catalog.version(held.max() ?? 0) else { return world.violate("a held version was dropped") }
    for copy in copies {
      for cell in 0..<SimulatedShard.cells {
        for place in copy.ends[cell]..<copy.ends[cell + 1] where copy.hasBlock(place) {
          guard copy.stamp(place) > latest.stamp(SimulatedShard.table(cell)) else { continue }
          if world.rules.missing != .restoreWithoutWalk {
            copy.removeBlock(place)
          } else if copy.stamp(place) >= catalog.nextStamp {
            world.violate("a restored store holds a stamp that will be given again")
          }
        }
      }
    }
    for number in held {
      guard let version = catalog.version(number) else { return world.violate("a held version was dropped") }
      world.match(version, copies, "restored version")
    }
    world.counts.backups += 1
  }
}
