/// A process that writes: ordinary writes with spills, reverts, drops, and the command `collect`.
final class SimulatedWriter: SimulatedProcess {
  enum Place {
    case nextRound, clean, choose, checkBase, readBase, readTarget, nextPut, choosePut, put, readBack
    case abandon, publish, look, undo, collectOrNot, collect
  }
  let number: Int
  var pausedUntil = 0
  var place = Place.nextRound
  var rounds: Int
  var cleaner = SimulatedCleaner()
  var shard = 0

  // One write.
  var stamp = 0
  /// Bit t: table t.
  var tables = 0
  var revertTo: Int?
  var base = SimulatedCatalog.Version(number: 0, stamps: (0, 0), roots: (0, 0), truth: 0)
  var baseIsKept = false
  /// By cell of a version.
  var old = [Int](repeating: 0, count: SimulatedWorld.cells)
  var target = [Int](repeating: 0, count: SimulatedWorld.cells)
  var values = [Int](repeating: 0, count: SimulatedWorld.cells)
  /// Bit c: cell c has been changed; is still to be put.
  var dirty = 0
  var waiting = 0
  var part = 0
  var spills = 0
  var hasGivenUp = false
  var collects = false
  /// What collecting is judged by: committed, and read before the transaction.
  var seen: SimulatedCatalog
  var published: (version: Int, next: Int?)?

  init(_ world: SimulatedWorld) {
    number = world.nextProcessNumber()
    rounds = 1 + world.below(4)
    seen = world.catalog
  }

  func advance(_ world: SimulatedWorld) -> Bool {
    while true {
      switch place {
      case .nextRound:
        if rounds == 0 { return false }
        rounds -= 1
        cleaner = SimulatedCleaner()
        place = .clean
      case .clean:
        if cleaner.advance(world, number) == .ended { place = .choose }
        return true
      case .choose:
        switch choose(world) {
        case .goOn: break
        case .wait: return true
        case .end: return false
        }
      case .checkBase:
        if world.catalog.place(of: base.number) == nil || !baseIsKept { world.violate("a pinned base was dropped") }
        shard = 0
        place = .readBase
        return true
      case .readBase:
        read(world.shards[shard], base, into: &old)
        shard += 1
        if shard < SimulatedWorld.shardCount { return true }
        shard = 0
        if revertTo != nil {
          place = .readTarget
          return true
        }
        dirty(1 + world.below(4), world)
        spills = world.below(3)
        place = .nextPut
      case .readTarget:
        read(world.shards[shard], world.catalog.version(revertTo!) ?? base, into: &target)
        shard += 1
        if shard < SimulatedWorld.shardCount { return true }
        for cell in 0..<SimulatedWorld.cells where target[cell] != old[cell] {
          values[cell] = target[cell]
          dirty |= 1 << cell
        }
        (waiting, spills) = (dirty, 0)
        world.counts.reverts += 1
        place = .nextPut
      case .nextPut:
        if waiting != 0, !hasGivenUp {
          place = .choosePut
          return true
        }
        if hasGivenUp {
          place = .abandon
          return true
        }
        if spills == 0 {
          place = .publish
          return true
        }
        shard = 0
        place = .readBack
      case .readBack:
        readBack(world)
        shard += 1
        if shard < SimulatedWorld.shardCount { return true }
        spills -= 1
        world.counts.earlyPuts += 1
        dirty(1 + world.below(2), world)
        place = .nextPut
      case .choosePut:
        choosePut(world)
        place = .put
        return true
      case .put:
        put(world)
        place = .nextPut
      case .abandon:
        if !abandon(world) { return false }
        place = .nextRound
      case .publish:
        switch publish(world) {
        case .goOn: break
        case .wait: return true
        case .end: return false
        }
      case .look:
        // Reopened: still there, it was not published, and is left to cleaning.
        if world.catalog.placeOfWrite(stamp) != nil { return false }
        if let published { world.acknowledged.insert(published.version) }
        if published?.next != nil { return false }
        place = .collectOrNot
      case .undo:
        undo(world)
        shard += 1
        return shard < SimulatedWorld.shardCount
      case .collectOrNot:
        guard world.chance(0.2) else {
          place = .nextRound
          continue
        }
        seen = world.catalog
        shard = 0
        place = .collect
        return true
      case .collect:
        _ = world.changeShard(shard, grows: false) { SimulatedCollector.collect($0, seen, blocksMax: 3, world) }
        shard += 1
        if shard < SimulatedWorld.shardCount { return true }
        place = .nextRound
      }
    }
  }

  enum Next { case goOn, wait, end }

  private func choose(_ world: SimulatedWorld) -> Next {
    place = .nextRound
    let choice = world.below(100)
    if choice < 6, world.catalog.versions.count > 1 {
      world.dropNewer(than: world.anyVersion().number, owner: number)
      return .goOn
    }
    revertTo = choice < 15 ? world.anyVersion().number : nil
    tables = revertTo != nil ? 3 : 1 + world.below(3)
    switch world.begin(tables, bases: revertTo.map { [$0] } ?? [], owner: number) {
    case .lost(let mayHoldLease):
      // The process ends and is cleaned up after, or looks and finds nothing.
      return mayHoldLease ? .end : .wait
    case .refused: return .wait
    case .begun(let begun): start(begun.stamp, begun.base, world)
    }
    return .wait
  }

  /// Also after a publish that goes on under a fresh stamp.
  func start(_ stamp: Int, _ base: Int, _ world: SimulatedWorld) {
    self.stamp = stamp
    baseIsKept = false
    if let version = world.catalog.version(base) { (self.base, baseIsKept) = (version, true) }
    (dirty, waiting, spills, hasGivenUp, published) = (0, 0, 0, false, nil)
    seen = world.catalog
    place = .checkBase
  }

  private func read(_ shard: SimulatedShard, _ version: SimulatedCatalog.Version, into cells: inout [Int]) {
    for cell in 0..<SimulatedShard.cells {
      let place = shard.newest(cell, upTo: version.stamp(SimulatedShard.table(cell)))
      cells[self.shard * SimulatedShard.cells + cell] = place < 0 ? 0 : shard.content(cell, place) ?? -1
    }
  }

  /// Changes random cells of the write's tables; one in ten is deleted.
  private func dirty(_ count: Int, _ world: SimulatedWorld) {
    for _ in 0..<count {
      let table = tables == 3 ? world.below(2) : tables - 1
      let cell =
        world.below(SimulatedWorld.shardCount) * SimulatedShard.cells + table * SimulatedShard.blocksPerTable
        + world.below(SimulatedShard.blocksPerTable)
      world.serial += 1
      values[cell] = world.chance(0.1) ? 0 : world.serial
      dirty |= 1 << cell
      waiting |= 1 << cell
    }
  }
}
