/// A process that sets and removes names of versions that it has seen a while ago.
final class SimulatedTagger: SimulatedProcess {
  let number: Int
  var pausedUntil = 0
  private var changesLeft: Int
  private var seen: SimulatedCatalog.Version?
  private var name = 0
  private var removes = false

  init(_ world: SimulatedWorld) {
    number = world.nextProcessNumber()
    changesLeft = 1 + world.below(6)
  }

  func advance(_ world: SimulatedWorld) -> Bool {
    guard let version = seen else {
      (seen, name, removes) = (world.anyVersion(), world.below(3), world.chance(0.5))
      return true
    }
    seen = nil
    _ = world.changeCatalog { catalog in
      if removes {
        guard catalog.tag(name) >= 0 else { return false }
        catalog.setTag(name, -1)
      } else {
        if catalog.place(of: version.number) == nil {
          guard world.rules.missing == .tagsOnDroppedVersions, !world.dropped.contains(version.number) else {
            return false
          }
          catalog.versions.append(version)
          catalog.versions.sort { $0.number < $1.number }
        }
        catalog.setTag(name, version.number)
      }
      catalog.retain(world.rules)
      return true
    }
    changesLeft -= 1
    return changesLeft > 0
  }
}
