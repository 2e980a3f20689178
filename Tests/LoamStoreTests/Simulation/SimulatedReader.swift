/// A process that reads versions, some of them more than once with renewed transactions (protocol.md, section 5).
final class SimulatedReader: SimulatedProcess {
  private enum Place { case choose, open, look }
  let number: Int
  var pausedUntil = 0
  private var place = Place.choose
  private var versionsLeft: Int
  private var renewals = 0
  private var version: SimulatedCatalog.Version
  private var wantsLatest = false
  /// Shards are opened in any order.
  private var firstShard = 0
  private var opened = 0
  private var snapshots: [SimulatedShard]

  init(_ world: SimulatedWorld) {
    number = world.nextProcessNumber()
    versionsLeft = 1 + world.below(4)
    version = world.catalog.versions[0]
    snapshots = world.shards
  }

  private var isFirst = true

  func advance(_ world: SimulatedWorld) -> Bool {
    switch place {
    case .choose:
      if isFirst {
        isFirst = false
        return true
      }
      choose(world)
    case .open:
      let shard = opened ^ firstShard
      snapshots[shard] = world.shards[shard]
      opened += 1
      if opened == SimulatedWorld.shardCount { place = .look }
    case .look:
      if look(world), renewals > 0 {
        open(world)
      } else {
        place = .choose
        versionsLeft -= 1
        return versionsLeft > 0
      }
    }
    return true
  }

  private func choose(_ world: SimulatedWorld) {
    let latest = world.catalog.versions[world.catalog.versions.count - 1]
    version = world.chance(0.6) ? latest : world.anyVersion()
    wantsLatest = version.number == latest.number
    renewals = 1 + world.below(3)
    open(world)
  }

  private func open(_ world: SimulatedWorld) {
    renewals -= 1
    (opened, firstShard) = (0, world.below(2))
    place = .open
  }

  /// `false`: the version was dropped meanwhile; nothing that was opened is used.
  private func look(_ world: SimulatedWorld) -> Bool {
    let missing = world.rules.missing
    if missing == .takeNewer, wantsLatest {
      version = world.catalog.versions[world.catalog.versions.count - 1]
    } else if missing != .readerDoesNotLookAgain, world.catalog.place(of: version.number) == nil {
      world.counts.readerRetries += 1
      return false
    }
    world.match(version, snapshots, "reader")
    world.counts.reads += 1
    return true
  }
}
