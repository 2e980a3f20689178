/// Removes what dead and abandoned writes left (protocol.md, section 4). Part of the processes that write.
struct SimulatedCleaner {
  enum Progress {
    case working
    /// No such write is left, or the disk is full.
    case ended
  }
  private enum Place { case choose, freeTooEarly, remove, finish }

  /// Blocks that one transaction removes.
  private static let piece = 2
  /// Steps after which a mutant takes a lease for abandoned.
  private static let leaseSteps = 60

  private var place = Place.choose
  private var write: SimulatedCatalog.Write?
  private var shard = 0

  /// Goes on to the next moment at which it can be killed.
  mutating func advance(_ world: SimulatedWorld, _ process: Int) -> Progress {
    while true {
      switch place {
      case .choose:
        guard let found = world.catalog.writes.first(where: { isOver($0, world, process) }) else { return .ended }
        write = found
        shard = 0
        place = world.rules.missing == .leaseFreedBeforeCleaning ? .freeTooEarly : .remove
        return .working
      case .freeTooEarly:
        freeTooEarly(world)
        place = .remove
        return .working
      case .remove:
        var removed = 0
        let (number, write) = (shard, write!)
        guard world.changeShard(number, grows: false, { removed = Self.remove(write, $0, world) }) else {
          return .ended
        }
        if removed == 0 { shard += 1 }
        if shard == SimulatedWorld.shardCount { place = .finish }
        return .working
      case .finish:
        finish(world)
        place = .choose
      }
    }
  }

  private func isOver(_ write: SimulatedCatalog.Write, _ world: SimulatedWorld, _ process: Int) -> Bool {
    if write.isDead || !world.isAlive(write.owner) { return true }
    switch world.rules.missing {
    case .recoveryOfTheLiving: return write.owner != process
    case .leasesTimeOut: return world.step - write.since > Self.leaseSteps
    default: return false
    }
  }

  private func freeTooEarly(_ world: SimulatedWorld) {
    let stamp = write!.stamp
    _ = world.changeCatalog { catalog in
      guard let place = catalog.placeOfWrite(stamp) else { return false }
      catalog.free(catalog.writes[place].tables, of: stamp)
      catalog.writes[place].isDead = true
      catalog.writes[place].tables = 0
      return true
    }
  }

  private func finish(_ world: SimulatedWorld) {
    let stamp = write!.stamp
    _ = world.changeCatalog { catalog in
      guard let place = catalog.placeOfWrite(stamp) else { return false }
      catalog.free(catalog.writes[place].tables, of: stamp)
      catalog.writes.remove(at: place)
      catalog.retain(world.rules)
      return true
    }
    world.counts.cleaned += 1
  }

  /// Of a drop: what lies above its floors and below its own stamp. Later leases have later stamps.
  private static func remove(_ write: SimulatedCatalog.Write, _ shard: SimulatedShard, _ world: SimulatedWorld) -> Int {
    if write.dropped != 0, world.rules.missing == .droppedBlocksLeft { return 0 }
    var removed = 0
    var cell = 0
    while cell < SimulatedShard.cells {
      let table = SimulatedShard.table(cell)
      var place = shard.ends[cell]
      while place < shard.ends[cell + 1] {
        let stamp = shard.stamp(place)
        let isMeant: Bool
        if write.dropped != 0 {
          isMeant =
            write.dropped & 1 << table != 0 && stamp > write.floor(table)
            && (stamp < write.stamp || world.rules.missing == .openUpperBound)
        } else {
          isMeant = stamp == write.stamp && shard.hasChange(place)
        }
        if isMeant {
          if shard.hasBlock(place), removed < piece {
            shard.removeBlock(place)
            removed += 1
          }
          if !shard.hasBlock(place) { shard.removeChange(place) }
        }
        place += 1
      }
      cell += 1
    }
    return removed
  }
}
