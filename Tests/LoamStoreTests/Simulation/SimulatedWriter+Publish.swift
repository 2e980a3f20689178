extension SimulatedWriter {
  /// The commit point.
  func publish(_ world: SimulatedWorld) -> Next {
    let goesOn = revertTo == nil && world.chance(0.25)
    let change = rootChange()
    place = .collectOrNot
    var version = (version: 0, next: Int?.none)
    let outcome = world.changeCatalog(
      { catalog in
        guard let made = publish(change, goesOn: goesOn, &catalog, world) else { return false }
        version = made
        return true
      }, committed: { published = version })
    switch outcome {
    case .refused: break
    case .done:
      world.acknowledged.insert(version.version)
      world.counts.publications += 1
      if let next = version.next {
        world.counts.goingOn += 1
        start(next, version.version, world)
        return .wait
      }
    case .unknown:
      shard = 0
      place = world.rules.missing == .unknownTakenAsFailure ? .undo : .look
      return .wait
    }
    return .goOn
  }

  /// By table: sum of the new blocks' hashes less that of the old ones'.
  private func rootChange() -> (UInt64, UInt64) {
    var change: (UInt64, UInt64) = (0, 0)
    for cell in 0..<SimulatedWorld.cells where dirty & 1 << cell != 0 {
      var difference: UInt64 = 0
      if old[cell] != 0 { difference &-= SimulatedWorld.hash(cell, old[cell]) }
      if values[cell] != 0 { difference &+= SimulatedWorld.hash(cell, values[cell]) }
      if SimulatedShard.table(cell % SimulatedShard.cells) == 0 {
        change.0 &+= difference
      } else {
        change.1 &+= difference
      }
    }
    return change
  }

  private func publish(
    _ change: (UInt64, UInt64), goesOn: Bool, _ catalog: inout SimulatedCatalog, _ world: SimulatedWorld
  ) -> (version: Int, next: Int?)? {
    let missing = world.rules.missing
    guard let place = catalog.placeOfWrite(stamp) else { return nil }
    if missing != .leasesTimeOut, catalog.writes[place].isDead { return nil }
    guard let latest = catalog.version(catalog.latest) else { return nil }
    var version = missing == .mergeIntoTheBase ? catalog.version(base.number) ?? latest : latest
    version.number = catalog.nextVersion
    catalog.nextVersion += 1
    if tables & 1 != 0 { (version.stamps.0, version.roots.0) = (stamp, version.roots.0 &+ change.0) }
    if tables & 2 != 0 { (version.stamps.1, version.roots.1) = (stamp, version.roots.1 &+ change.1) }
    version.truth = truth(after: latest, world)
    check(version, world)
    catalog.versions.append(version)
    catalog.latest = version.number
    catalog.writes.remove(at: place)
    catalog.free(tables, of: stamp)
    var next: Int?
    if goesOn {
      next = catalog.nextStamp
      catalog.nextStamp += 1
      catalog.writes.append(
        SimulatedCatalog.Write(
          stamp: next!, owner: number, tables: tables, bases: [version.number], since: world.step))
      for table in 0..<SimulatedShard.tables where tables & 1 << table != 0 { catalog.setLease(table, next!) }
    }
    catalog.retain(world.rules)
    return (version.number, next)
  }

  private func truth(after latest: SimulatedCatalog.Version, _ world: SimulatedWorld) -> Int {
    let at = world.copyTruth(latest.truth)
    for cell in 0..<SimulatedWorld.cells where dirty & 1 << cell != 0 {
      world.truth(at)[cell] = Int32(values[cell])
    }
    return at
  }

  private func check(_ version: SimulatedCatalog.Version, _ world: SimulatedWorld) {
    let truth = world.truth(version.truth)
    var roots: (UInt64, UInt64) = (0, 0)
    for cell in 0..<SimulatedWorld.cells where truth[cell] != 0 {
      let hash = SimulatedWorld.hash(cell, Int(truth[cell]))
      if SimulatedShard.table(cell % SimulatedShard.cells) == 0 { roots.0 &+= hash } else { roots.1 &+= hash }
    }
    if roots != version.roots { world.violate("the root of version \(version.number) is wrong") }
    if let revertTo, let wanted = world.catalog.version(revertTo) {
      for cell in 0..<SimulatedWorld.cells where truth[cell] != world.truth(wanted.truth)[cell] {
        world.violate("a revert differs from its target")
      }
    }
  }

  /// A mutant that takes an unknown outcome for a failure removes what it put.
  func undo(_ world: SimulatedWorld) {
    let stamp = stamp
    _ = world.changeShard(shard) { shard in
      var place = 0
      while place < shard.ends[SimulatedShard.cells] {
        if shard.stamp(place) == stamp, shard.hasChange(place) {
          shard.removeBlock(place)
          shard.removeChange(place)
        }
        place += 1
      }
    }
  }
}
