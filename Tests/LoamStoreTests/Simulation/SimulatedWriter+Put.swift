extension SimulatedWriter {
  private static let cellsOfShard = 1 << SimulatedShard.cells - 1

  /// Two blocks of a random shard that has some waiting.
  func choosePut(_ world: SimulatedWorld) {
    let inFirst = waiting & Self.cellsOfShard
    let inSecond = waiting >> SimulatedShard.cells
    shard = inFirst == 0 ? 1 : inSecond == 0 ? 0 : world.below(2)
    part = shard == 0 ? inFirst : inSecond
    while part.nonzeroBitCount > 2 { part &= ~(1 << (Int.bitWidth - 1 - part.leadingZeroBitCount)) }
    if world.chance(0.5) { seen = world.catalog }
    collects = world.chance(0.6)
  }

  /// One shard transaction; a failed one is repeated with the same blocks, or the write is given up.
  func put(_ world: SimulatedWorld) {
    let missing = world.rules.missing
    let hasPut = world.changeShard(shard) { shard in
      var cell = 0
      while cell < SimulatedShard.cells {
        if part & 1 << cell != 0 { put(cell, shard, world) }
        cell += 1
      }
      guard collects else { return }
      let judge = missing == .retentionAsIfPublished ? asIfPublished(world) : seen
      SimulatedCollector.collect(shard, judge, blocksMax: 2, world)
    }
    if hasPut {
      waiting &= ~(part << (shard * SimulatedShard.cells))
    } else {
      world.counts.fullDisks += 1
      if missing == .rowsForgottenAfterFullDisk { dirty &= waiting }
      if world.chance(0.4) { hasGivenUp = true }
    }
  }

  /// What a write put early is what it goes on from, whatever others have published, dropped, cleaned and collected.
  func readBack(_ world: SimulatedWorld) {
    let early = world.shards[shard]
    for cell in 0..<SimulatedShard.cells where dirty >> (shard * SimulatedShard.cells + cell) & 1 != 0 {
      let place = early.newest(cell, upTo: stamp)
      guard place >= 0, early.stamp(place) == stamp,
        early.content(cell, place) == values[shard * SimulatedShard.cells + cell]
      else { return world.violate("an early put is not there any more") }
    }
  }

  private func put(_ cell: Int, _ shard: SimulatedShard, _ world: SimulatedWorld) {
    let value = values[self.shard * SimulatedShard.cells + cell]
    let older = shard.newest(cell, upTo: stamp - 1)
    let mayPatch =
      world.rules.patches && value != 0 && older >= 0 && !shard.isDeletion(older) && shard.chain(cell, older) < 3
    if mayPatch, world.chance(0.6) {
      guard let content = shard.content(cell, older) else { return world.violate("a patch over nothing") }
      shard.put(cell, stamp, value ^ content, patch: true)
      world.counts.patches += 1
    } else {
      shard.put(cell, stamp, value, patch: false)
    }
  }

  /// The catalog as it will be if this write is published: what nobody may judge by.
  private func asIfPublished(_ world: SimulatedWorld) -> SimulatedCatalog {
    var catalog = seen
    guard var version = catalog.version(catalog.latest) else { return catalog }
    version.number = catalog.nextVersion
    if tables & 1 != 0 { version.stamps.0 = stamp }
    if tables & 2 != 0 { version.stamps.1 = stamp }
    catalog.versions.append(version)
    catalog.latest = version.number
    catalog.retain(world.rules)
    return catalog
  }

  /// `false`: the outcome is unknown, and the process ends.
  func abandon(_ world: SimulatedWorld) -> Bool {
    let stamp = stamp
    return world.changeCatalog { catalog in
      guard let place = catalog.placeOfWrite(stamp) else { return false }
      catalog.writes[place].isDead = true
      return true
    } != .unknown
  }
}
